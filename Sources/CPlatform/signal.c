#include "cplatform.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

static int capture_signal;
/* For when the queue of real-time signals is full: a plain one needs none. SIGSTKFLT has not been sent by Linux, ever. */
static int plain_signal;
/* libgcc before 12, or glibc before 2.35, takes the loader's lock in the unwinder: then frame pointers must do. */
static bool unwinder_is_lock_free;
static uint32_t answers;

/* System calls that fail with EINTR although the handler has SA_RESTART, signal(7): waits with a time limit, and calls
   on a socket with SO_RCVTIMEO or SO_SNDTIMEO. Only those that may be begun again: connect() goes on by itself. */
static bool is_never_restarted(uint32_t number) {
  switch (number) {
    case SYS_nanosleep: case SYS_clock_nanosleep: case SYS_pause:
    case SYS_poll: case SYS_ppoll: case SYS_select: case SYS_pselect6:
    case SYS_epoll_wait: case SYS_epoll_pwait: case SYS_io_getevents:
    case SYS_semop: case SYS_semtimedop: case SYS_msgrcv: case SYS_msgsnd:
    case SYS_accept: case SYS_accept4: case SYS_recvfrom: case SYS_recvmsg: case SYS_recvmmsg:
    case SYS_sendto: case SYS_sendmsg:
    /* sem_timedwait() passes a futex's EINTR on; its time limit is absolute. */
    case SYS_futex: case SYS_rt_sigtimedwait: case SYS_rt_sigsuspend:
      return true;
    default:
      return false;
  }
}

/* A wait cut short by our signal is begun again, so that a dump does not free the thread it looks at. */
static void rewind_system_call(const cp_capture *slot, greg_t *registers) {
  uint64_t pc = (uint64_t)registers[REG_RIP];
  if (registers[REG_RAX] != -EINTR || slot->syscall_pc == 0 || pc != slot->syscall_pc) return;
  if (!is_never_restarted(slot->syscall_number)) return;
  const uint8_t *instruction = (const uint8_t *)(uintptr_t)(pc - 2);
  if (instruction[0] != 0x0f || instruction[1] != 0x05) return;
  registers[REG_RAX] = (greg_t)slot->syscall_number;
  registers[REG_RIP] = (greg_t)(pc - 2);
}

typedef struct {
  cp_capture *slot;
  uintptr_t pc;
  uint32_t count;
} unwinding;

static _Unwind_Reason_Code keep_frame(struct _Unwind_Context *context, void *argument) {
  unwinding *state = argument;
  uintptr_t pc = _Unwind_GetIP(context);
  /* The frames above the interrupted one are the handler's own. */
  if (state->count == 0 && pc != state->pc) return _URC_NO_REASON;
  if (pc == 0 || state->count == CP_FRAMES_MAX) return _URC_END_OF_STACK;
  state->slot->frames[state->count++] = pc;
  return _URC_NO_REASON;
}

static void answer(cp_capture *slot, greg_t *registers) {
  uintptr_t pc = (uintptr_t)registers[REG_RIP];
  unwinding state = {slot, pc, 0};
  if (unwinder_is_lock_free) _Unwind_Backtrace(keep_frame, &state);
  if (state.count == 0) {
    slot->frames[0] = pc;
    state.count = 1 + (uint32_t)cp_walk_frames((uintptr_t)registers[REG_RBP], slot->stack_low, slot->stack_high,
                                               slot->frames + 1, CP_FRAMES_MAX - 1);
  }
  slot->count = state.count;
}

/* The walk needs some KiB. It gets them from a few stacks of our own, so that a thread near the end of its stack, or on a
   small alternate one, needs room for the kernel's frame and little more. */
enum { SCRATCH_SIZE = 32 << 10, SCRATCH_COUNT = 64, HANDLER_ROOM = 1024 };
static char *scratch;
static uint32_t scratch_is_taken[SCRATCH_COUNT];

typedef struct {
  cp_capture *slot;
  greg_t *registers;
} request;

static void answer_request(void *argument) {
  request *wanted = argument;
  answer(wanted->slot, wanted->registers);
}

/* Calls `body` on another stack; an unwinder gets back through the frame pointer. */
void cp_call_on_stack(void *top, void (*body)(void *), void *argument);
__asm__(
    ".text\n"
    ".p2align 4\n"
    ".globl cp_call_on_stack\n"
    ".hidden cp_call_on_stack\n"
    ".type cp_call_on_stack,@function\n"
    "cp_call_on_stack:\n"
    "  .cfi_startproc\n"
    "  pushq %rbp\n"
    "  .cfi_def_cfa_offset 16\n"
    "  .cfi_offset %rbp, -16\n"
    "  movq %rsp, %rbp\n"
    "  .cfi_def_cfa_register %rbp\n"
    "  movq %rdi, %rsp\n"
    "  movq %rdx, %rdi\n"
    "  callq *%rsi\n"
    "  movq %rbp, %rsp\n"
    "  popq %rbp\n"
    "  .cfi_def_cfa %rsp, 8\n"
    "  retq\n"
    "  .cfi_endproc\n"
    ".size cp_call_on_stack, .-cp_call_on_stack\n");

static void answer_elsewhere(cp_capture *slot, greg_t *registers) {
  request wanted = {slot, registers};
  for (uint32_t i = 0; scratch != NULL && i < SCRATCH_COUNT; i++) {
    if (__atomic_exchange_n(&scratch_is_taken[i], 1, __ATOMIC_ACQUIRE) != 0) continue;
    cp_call_on_stack(scratch + (size_t)(i + 1) * SCRATCH_SIZE, answer_request, &wanted);
    __atomic_store_n(&scratch_is_taken[i], 0, __ATOMIC_RELEASE);
    return;
  }
  /* All are in use: the counter alone. */
  slot->frames[0] = (uintptr_t)registers[REG_RIP];
  slot->count = 1;
}

uint64_t cp_capture_room(void) {
  /* The kernel's frame, the red zone of the psABI, and what the handler takes. */
  return getauxval(AT_MINSIGSTKSZ) + 128 + HANDLER_ROOM;
}

/* Blocks of slots by the order of their making; none is ever unmapped. */
static cp_capture *blocks[CP_CAPTURE_BLOCKS_MAX];
static bool block_is_taken[CP_CAPTURE_BLOCKS_MAX];
static pthread_mutex_t blocks_mutex = PTHREAD_MUTEX_INITIALIZER;

static cp_capture *block_make(uint32_t index) {
  size_t size = sizeof(cp_capture) * CP_CAPTURES_MAX;
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  __atomic_store_n(&blocks[index], memory, __ATOMIC_SEQ_CST);
  return memory;
}

cp_capture *cp_captures_take(void) {
  cp_capture *found = NULL;
  pthread_mutex_lock(&blocks_mutex);
  for (uint32_t i = 0; i < CP_CAPTURE_BLOCKS_MAX && found == NULL; i++) {
    if (block_is_taken[i]) continue;
    found = blocks[i] != NULL ? blocks[i] : block_make(i);
    if (found == NULL) break;
    block_is_taken[i] = true;
  }
  pthread_mutex_unlock(&blocks_mutex);
  return found;
}

void cp_captures_give(cp_capture *block) {
  pthread_mutex_lock(&blocks_mutex);
  for (uint32_t i = 0; i < CP_CAPTURE_BLOCKS_MAX; i++)
    if (blocks[i] == block) block_is_taken[i] = false;
  pthread_mutex_unlock(&blocks_mutex);
}

/* A signal carries the number of its slot in the low bits, and above them the number of the ask. */
enum { ASK_SHIFT = 20 };
_Static_assert(CP_CAPTURES_MAX * CP_CAPTURE_BLOCKS_MAX <= 1 << ASK_SHIFT, "the number of a slot fits");

static uint64_t with_state(uint64_t word, uint32_t state) { return (word & ~(uint64_t)0xff) | state; }

static bool change_state(cp_capture *slot, uint64_t from, uint32_t to) {
  return __atomic_compare_exchange_n(&slot->state, &from, with_state(from, to), false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST);
}

/* The slot that a signal names; NULL: no such slot. */
static cp_capture *slot_of(uint64_t value) {
  uint32_t number = (uint32_t)(value & ((1u << ASK_SHIFT) - 1));
  if (number >= CP_CAPTURES_MAX * CP_CAPTURE_BLOCKS_MAX) return NULL;
  cp_capture *block = __atomic_load_n(&blocks[number / CP_CAPTURES_MAX], __ATOMIC_SEQ_CST);
  return block == NULL ? NULL : &block[number % CP_CAPTURES_MAX];
}

/* By the thread that was asked, for a signal that carries nothing. */
static cp_capture *slot_of_thread(uint64_t *ask) {
  int32_t tid = (int32_t)syscall(SYS_gettid);
  for (uint32_t i = 0; i < CP_CAPTURE_BLOCKS_MAX; i++) {
    cp_capture *block = __atomic_load_n(&blocks[i], __ATOMIC_SEQ_CST);
    if (block == NULL) return NULL;
    for (uint32_t k = 0; k < CP_CAPTURES_MAX; k++) {
      if (block[k].tid != tid) continue;
      uint64_t word = __atomic_load_n(&block[k].state, __ATOMIC_SEQ_CST);
      if ((word & 0xff) != CP_CAPTURE_ASKED) continue;
      *ask = word & ~(uint64_t)0xff;
      return &block[k];
    }
  }
  return NULL;
}

static void handle(int number, siginfo_t *info, void *context) {
  int saved = errno;
  uint64_t value = (uint64_t)(uintptr_t)info->si_value.sival_ptr;
  uint64_t ask = value >> ASK_SHIFT << 8;
  cp_capture *slot = NULL;
  if (number == plain_signal || info->si_code == SI_TKILL) {
    slot = slot_of_thread(&ask);
  } else if (info->si_code == SI_QUEUE && info->si_pid == getpid()) {
    slot = slot_of(value);
  }
  if (slot != NULL && change_state(slot, ask | CP_CAPTURE_ASKED, CP_CAPTURE_ANSWERING)) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    answer_elsewhere(slot, registers);
    rewind_system_call(slot, registers);
    __atomic_store_n(&slot->state, ask | CP_CAPTURE_DONE, __ATOMIC_SEQ_CST);
    cp_add(&answers, 1);
    cp_futex_wake(&answers, INT_MAX);
  }
  errno = saved;
}

bool cp_capture_is_installed(void) {
  struct sigaction now;
  return capture_signal != 0 && sigaction(capture_signal, NULL, &now) == 0 && now.sa_sigaction == handle;
}

static _Unwind_Reason_Code no_frame(struct _Unwind_Context *context, void *argument) {
  (void)context, (void)argument;
  return _URC_NO_REASON;
}

static bool take(int number) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) != 0 || action.sa_handler != SIG_DFL) return false;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  return sigaction(number, &action, NULL) == 0;
}

static int take_signal(void) {
  unwinder_is_lock_free = dlsym(RTLD_DEFAULT, "_dl_find_object") != NULL;
  /* The first walk of a process sets up the unwinder's tables. */
  _Unwind_Backtrace(no_frame, NULL);
  if (scratch == NULL) {
    void *memory = mmap(NULL, (size_t)SCRATCH_SIZE * SCRATCH_COUNT, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) scratch = memory;
  }
  for (int number = SIGRTMAX; number >= SIGRTMIN; number--) {
    if (!take(number)) continue;
    capture_signal = number;
    return number;
  }
  return 0;
}

int cp_capture_install(void) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  if (cp_capture_is_installed()) return capture_signal;
  pthread_mutex_lock(&mutex);
  int number = cp_capture_is_installed() ? capture_signal : take_signal();
  pthread_mutex_unlock(&mutex);
  return number;
}

void cp_capture_accept(void) {
  int number = cp_capture_install();
  if (number == 0) return;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, number);
  pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

bool cp_capture_reset(cp_capture *slot, int32_t tid) {
  uint64_t before = __atomic_load_n(&slot->state, __ATOMIC_SEQ_CST);
  do {
    if ((before & 0xff) == CP_CAPTURE_ANSWERING) return false;
  } while (!__atomic_compare_exchange_n(&slot->state, &before, with_state(before, CP_CAPTURE_IDLE), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
  slot->tid = tid;
  slot->count = 0;
  slot->stack_low = slot->stack_high = 0;
  slot->syscall_pc = 0;
  slot->syscall_number = 0;
  slot->refusal = 0;
  for (uint32_t i = 0; i < CP_CAPTURE_BLOCKS_MAX; i++) {
    cp_capture *block = __atomic_load_n(&blocks[i], __ATOMIC_SEQ_CST);
    if (block == NULL) break;
    if (slot >= block && slot < block + CP_CAPTURES_MAX)
      slot->number = i * CP_CAPTURES_MAX + (uint32_t)(slot - block);
  }
  return true;
}

void cp_capture_skip(cp_capture *slot) {
  __atomic_store_n(&slot->state, with_state(slot->state, CP_CAPTURE_UNASKED), __ATOMIC_SEQ_CST);
}

void cp_capture_leave(cp_capture *slot) {
  __atomic_store_n(&slot->state, with_state(slot->state, CP_CAPTURE_NO_ROOM), __ATOMIC_SEQ_CST);
}

/* The queue of signals may be full (ulimit -i), or a filter may forbid the call; the thread is asked without a value then. */
static bool ask_otherwise(cp_capture *slot, int reason) {
  if (reason == EAGAIN) {
    if (plain_signal == 0 && take(SIGSTKFLT)) plain_signal = SIGSTKFLT;
    if (plain_signal != 0 && syscall(SYS_tgkill, getpid(), slot->tid, plain_signal) == 0) return true;
  } else if (reason != ESRCH && syscall(SYS_tgkill, getpid(), slot->tid, capture_signal) == 0) {
    return true;
  }
  return false;
}

bool cp_capture_ask(cp_capture *slot) {
  static uint64_t asks;
  uint64_t ask = __atomic_add_fetch(&asks, 1, __ATOMIC_SEQ_CST);
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_ptr = (void *)(uintptr_t)(ask << ASK_SHIFT | slot->number);
  __atomic_store_n(&slot->state, ask << 8 | CP_CAPTURE_ASKED, __ATOMIC_SEQ_CST);
  if (syscall(SYS_rt_tgsigqueueinfo, getpid(), slot->tid, capture_signal, &info) == 0) return true;
  int reason = errno;
  if (ask_otherwise(slot, reason)) return true;
  slot->refusal = reason;
  __atomic_store_n(&slot->state, with_state(slot->state, reason == ESRCH ? CP_CAPTURE_UNASKED : CP_CAPTURE_REFUSED),
                   __ATOMIC_SEQ_CST);
  return false;
}

bool cp_thread_is_alive(int32_t tid) { return syscall(SYS_tgkill, getpid(), tid, 0) == 0; }

void cp_capture_wait(cp_capture *slots, size_t count, uint64_t deadline_ns, uint64_t grace_ns) {
  for (;;) {
    uint32_t seen = cp_load(&answers);
    uint64_t now = cp_monotonic_ns();
    bool is_waiting = false;
    for (size_t i = 0; i < count; i++) {
      uint64_t word = __atomic_load_n(&slots[i].state, __ATOMIC_SEQ_CST);
      uint32_t state = (uint32_t)(word & 0xff);
      if (state != CP_CAPTURE_ASKED && state != CP_CAPTURE_ANSWERING) continue;
      bool is_late = now >= deadline_ns && state == CP_CAPTURE_ASKED &&
                     (now >= deadline_ns + grace_ns || cp_thread_state(slots[i].tid) != 'R');
      bool is_lost = is_late || !cp_thread_is_alive(slots[i].tid);
      if (is_lost && change_state(&slots[i], word, CP_CAPTURE_SILENT)) continue;
      is_waiting = true;
    }
    /* A thread in the midst of its answer gets as long again. */
    if (!is_waiting || now >= deadline_ns + grace_ns + 500000000u) return;
    cp_futex_wait(&answers, seen, now + (now < deadline_ns ? 1000000u : 20000000u));
  }
}
