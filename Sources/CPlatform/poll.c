#include <errno.h>

#include "cplatform.h"

int cp_poller_set(int poller, int operation, int descriptor, uint32_t events) {
  static const int operations[] = {EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
  struct epoll_event event = {.events = events, .data = {.fd = descriptor}};
  return epoll_ctl(poller, operations[operation], descriptor, &event) == 0 ? 0 : errno;
}

int cp_poller_wait(int poller, struct cp_ready *ready, int count, int milliseconds) {
  struct epoll_event events[64];
  int found = epoll_wait(poller, events, count < 64 ? count : 64, milliseconds);
  for (int index = 0; index < found; index++) {
    ready[index].descriptor = events[index].data.fd;
    ready[index].events = events[index].events;
  }
  return found < 0 ? 0 : found;
}
