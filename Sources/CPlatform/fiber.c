#include "cplatform.h"

/* The switch between simulated threads: cp_switch(from, to) parks the caller on its own stack and goes on with whoever
   parked on the other one.

   A parked thread is nothing but a stack pointer. What has to survive is pushed below it, and to the caller cp_switch
   is a call like any other: the registers that a call may destroy are dead or saved by the compiler already. That is
   why eight words are enough and why it takes about 13 ns; swapcontext(3) saves everything and asks the kernel for the
   signal mask, which is a system call and costs 1 to 2.6 microseconds.

   The order: push all, store the pointer, load the other pointer, pop all. The last instruction, ret, takes the other
   thread's return address: a parked one comes back out of its own call of cp_switch, a new one goes to cp_boot, which
   cp_context_make put there.

   rbp is pushed first and then points at its own slot, so that a parked stack is a chain of frames like a running one,
   and cp_walk_frames can follow it without tables. A new thread starts with rbp 0, where the chain ends; cfi_undefined
   tells unwinders the same.

   System V AMD64 ABI 3.2.1: rbx, rbp, r12-r15 and the control words belong to the callee. Swift's error, self and async
   registers are r12, r13 and r14, so they are among them. */
__asm__(
    ".text\n"
    ".p2align 4\n"
    ".globl cp_switch\n"
    ".type cp_switch,@function\n"
    "cp_switch:\n"
    "  .cfi_startproc\n"
    "  pushq %rbp\n"
    "  .cfi_adjust_cfa_offset 8\n"
    "  .cfi_rel_offset %rbp, 0\n"
    "  movq %rsp, %rbp\n"
    "  pushq %rbx\n"
    "  pushq %r12\n"
    "  pushq %r13\n"
    "  pushq %r14\n"
    "  pushq %r15\n"
    "  subq $8, %rsp\n"
    "  stmxcsr (%rsp)\n"
    "  fnstcw 4(%rsp)\n"
    "  movq %rsp, (%rdi)\n"
    "  movq (%rsi), %rsp\n"
    "  ldmxcsr (%rsp)\n"
    "  fldcw 4(%rsp)\n"
    "  addq $8, %rsp\n"
    "  popq %r15\n"
    "  popq %r14\n"
    "  popq %r13\n"
    "  popq %r12\n"
    "  popq %rbx\n"
    "  popq %rbp\n"
    "  .cfi_adjust_cfa_offset -8\n"
    "  .cfi_restore %rbp\n"
    "  ret\n"
    "  .cfi_endproc\n"
    ".size cp_switch,.-cp_switch\n"
    ".p2align 4\n"
    ".type cp_boot,@function\n"
    "cp_boot:\n"
    "  .cfi_startproc\n"
    "  .cfi_undefined %rip\n"
    "  movq %r12, %rdi\n"
    "  xorl %ebp, %ebp\n"
    "  callq *%r13\n"
    "  ud2\n"
    "  .cfi_endproc\n"
    ".size cp_boot,.-cp_boot\n");

extern void cp_boot(void);

/* Words of a parked frame from its stack pointer up: control words, r15, r14, r13, r12, rbx, rbp, return address. */
enum { WORD_R13 = 3, WORD_R12 = 4, WORD_RBP = 6, WORD_PC = 7, FRAME_WORDS = 8 };

void cp_context_make(cp_context *context, void *stack_low, size_t stack_size, cp_entry entry, void *argument) {
  /* After eight pops and the ret, rsp is top - 16, a multiple of 16: what the ABI asks for before the call in cp_boot.
     The control words are the maker's, as a new OS thread would inherit them. */
  uintptr_t top = ((uintptr_t)stack_low + stack_size) & ~(uintptr_t)15;
  uint64_t *frame = (uint64_t *)(top - 16 - FRAME_WORDS * 8);
  uint32_t mxcsr;
  uint16_t fcw;
  __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
  __asm__ volatile("fnstcw %0" : "=m"(fcw));
  for (int i = 0; i < FRAME_WORDS + 2; i++) frame[i] = 0;
  frame[0] = (uint64_t)mxcsr | (uint64_t)fcw << 32;
  frame[WORD_R13] = (uint64_t)(uintptr_t)entry;
  frame[WORD_R12] = (uint64_t)(uintptr_t)argument;
  frame[WORD_PC] = (uint64_t)(uintptr_t)cp_boot;
  context->sp = frame;
}

uintptr_t cp_context_frame(const cp_context *context) { return (uintptr_t)context->sp + WORD_RBP * 8; }
uintptr_t cp_context_pc(const cp_context *context) { return ((const uintptr_t *)context->sp)[WORD_PC]; }

size_t cp_walk_frames(uintptr_t frame, uintptr_t low, uintptr_t high, uintptr_t *out, size_t max) {
  size_t count = 0;
  while (count < max && frame >= low && frame + 16 <= high && frame % 8 == 0) {
    const uintptr_t *words = (const uintptr_t *)frame;
    if (words[1] == 0) break;
    out[count++] = words[1];
    if (words[0] <= frame) break;
    frame = words[0];
  }
  return count;
}

__attribute__((noinline)) size_t cp_walk_self(uintptr_t low, uintptr_t high, uintptr_t *out, size_t max) {
  return cp_walk_frames(cp_frame_address(), low, high, out, max);
}

__attribute__((noinline)) void cp_call(cp_entry entry, void *argument, uintptr_t *frame) {
  *frame = cp_frame_address();
  entry(argument);
}

bool cp_can_switch_stacks(void) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#endif
#endif
  return true;
}

void cp_baton_pass(uint32_t *baton) {
  cp_store(baton, 1);
  cp_futex_wake(baton, 1);
}

void cp_baton_wait(uint32_t *baton) {
  while (cp_load(baton) == 0) cp_futex_wait(baton, 0, 0);
  cp_store(baton, 0);
}
