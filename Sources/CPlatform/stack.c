#include "cplatform.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A stack lies between a guard, below, and a page that names who runs on it:
     [ guard, no access ][ stack ][ label ]
   Swift probes no stack, so the guard is as large as any frame: a single page would be stepped over. An access to the
   guard is an overflow; the handler of SIGSEGV runs on a stack of its own, finds whose guard it was and says so. */

enum { GUARD = 1 << 20, STACKS_MAX = 1 << 16, ALTERNATE = 64 << 10, EXIT_INTERNAL = 70 };

typedef struct {
  uint32_t index;
  uint32_t length;
  char name[128];
} label;

typedef struct {
  uintptr_t low;    /* 0: no stack */
  uint32_t size;
  uint32_t next_free;
} stack_entry;

/* Read by the handler without the mutex. A stack that finds no room is not listed: its overflow is a plain SIGSEGV. */
static stack_entry stacks[STACKS_MAX];
static uint32_t stacks_made, stacks_free;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static size_t whole_pages(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (size + page - 1) / page * page;
}

static label *label_of(void *stack_low, size_t size) { return (label *)((char *)stack_low + whole_pages(size)); }

static uint32_t list(uintptr_t low, size_t size) {
  pthread_mutex_lock(&mutex);
  uint32_t index = UINT32_MAX;
  if (stacks_free != 0) {
    index = stacks_free - 1;
    stacks_free = stacks[index].next_free;
  } else if (stacks_made < STACKS_MAX) {
    index = stacks_made;
    __atomic_store_n(&stacks_made, stacks_made + 1, __ATOMIC_SEQ_CST);
  }
  if (index != UINT32_MAX) {
    CP_SET(stacks[index].size, (uint32_t)size);
    __atomic_store_n(&stacks[index].low, low, __ATOMIC_SEQ_CST);
  }
  pthread_mutex_unlock(&mutex);
  return index;
}

static void unlist(uint32_t index) {
  if (index == UINT32_MAX) return;
  pthread_mutex_lock(&mutex);
  __atomic_store_n(&stacks[index].low, 0, __ATOMIC_SEQ_CST);
  stacks[index].next_free = stacks_free;
  stacks_free = index + 1;
  pthread_mutex_unlock(&mutex);
}

void *cp_stack_map(size_t size) {
  size_t page = whole_pages(1);
  size = whole_pages(size);
  char *base = mmap(NULL, GUARD + size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                    0);
  if (base == MAP_FAILED) return NULL;
  if (mprotect(base, GUARD, PROT_NONE) != 0) {
    munmap(base, GUARD + size + page);
    return NULL;
  }
  label_of(base + GUARD, size)->index = list((uintptr_t)base + GUARD, size);
  return base + GUARD;
}

void cp_stack_unmap(void *stack_low, size_t size) {
  size = whole_pages(size);
  unlist(label_of(stack_low, size)->index);
  munmap((char *)stack_low - GUARD, GUARD + size + whole_pages(1));
}

void cp_stack_name(void *stack_low, size_t size, const char *name, size_t length) {
  label *to = label_of(stack_low, size);
  if (length > sizeof to->name) length = sizeof to->name;
  memcpy(to->name, name, length);
  to->length = (uint32_t)length;
}

static void say(const char *text, size_t length) {
  while (length > 0) {
    ssize_t wrote = write(STDERR_FILENO, text, length);
    if (wrote <= 0) return;
    text += wrote;
    length -= (size_t)wrote;
  }
}

static void say_number(size_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  say(digits + at, sizeof digits - at);
}

#define SAY(text) say(text, sizeof text - 1)

static void report_overflow(uintptr_t low, size_t size) {
  const label *of = label_of((void *)low, size);
  SAY("chaos: stack overflow in the simulated thread '");
  say(of->name, of->length);
  SAY("': its ");
  say_number(size >> 10);
  SAY(" KiB are used up; look for a recursion without an end, or a very large local value\n");
  _exit(EXIT_INTERNAL);
}

static struct sigaction former_segv, former_bus;

static void handle(int number, siginfo_t *info, void *context) {
  (void)context;
  uintptr_t at = (uintptr_t)info->si_addr;
  uint32_t count = __atomic_load_n(&stacks_made, __ATOMIC_SEQ_CST);
  for (uint32_t i = 0; i < count && info->si_code > 0; i++) {
    uintptr_t low = __atomic_load_n(&stacks[i].low, __ATOMIC_SEQ_CST);
    if (low != 0 && at < low && at >= low - GUARD) report_overflow(low, CP_GET(stacks[i].size));
  }
  /* Not ours: whoever was there before gets it, when the instruction faults again. */
  sigaction(number, number == SIGSEGV ? &former_segv : &former_bus, NULL);
  if (info->si_code <= 0) syscall(SYS_tgkill, getpid(), cp_gettid(), number);
}

static pthread_key_t alternate_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local bool is_watched;

static void free_alternate(void *memory) {
  stack_t none = {.ss_flags = SS_DISABLE};
  sigaltstack(&none, NULL);
  munmap(memory, ALTERNATE);
}

static void install(void) {
  pthread_key_create(&alternate_key, free_alternate);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &former_segv);
  sigaction(SIGBUS, &action, &former_bus);
}

void cp_stack_watch(void) {
  if (is_watched) return;
  is_watched = true;
  pthread_once(&once, install);
  stack_t now;
  if (sigaltstack(NULL, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;
  void *memory = mmap(NULL, ALTERNATE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t alternate = {.ss_sp = memory, .ss_size = ALTERNATE};
  if (sigaltstack(&alternate, NULL) != 0) {
    munmap(memory, ALTERNATE);
    return;
  }
  pthread_setspecific(alternate_key, memory);
}
