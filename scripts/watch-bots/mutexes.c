// Two threads, two mutexes, in opposite order; with an argument in the same order, many times.
#define _GNU_SOURCE
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static pthread_mutex_t budget = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t state = PTHREAD_MUTEX_INITIALIZER;
static int is_healthy;

static void both(pthread_mutex_t *first, pthread_mutex_t *second) {
  pthread_mutex_lock(first);
  if (!is_healthy) usleep(200000);
  pthread_mutex_lock(second);
  pthread_mutex_unlock(second);
  pthread_mutex_unlock(first);
}

static void *keep(void *unused) {
  pthread_setname_np(pthread_self(), "keeper");
  for (int i = 0; i < 200000; i++) both(&budget, &state);
  return unused;
}

int main(int count, char **words) {
  (void)words;
  is_healthy = count > 1;
  pthread_t keeper;
  pthread_create(&keeper, NULL, keep, NULL);
  for (int i = 0; i < 200000; i++) both(is_healthy ? &budget : &state, is_healthy ? &state : &budget);
  return pthread_join(keeper, NULL);
}
