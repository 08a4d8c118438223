#ifndef CPLATFORM_FIBER_H
#define CPLATFORM_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A parked thread of control: its stack pointer, with the callee-saved registers on top of its stack. One that an OS
   thread carries waits on its baton instead. */
typedef struct {
  void *sp;
  uint32_t *baton;
} cp_context;

typedef void (*cp_entry)(void *argument);

/* Parks the caller in `from` and resumes `to`. Returns when somebody resumes `from`. */
void cp_switch(cp_context *from, const cp_context *to);

/* Prepares `context` so that the first switch to it calls entry(argument) on the given stack. entry never returns. */
void cp_context_make(cp_context *context, void *stack_low, size_t stack_size, cp_entry entry, void *argument);

/* Frame pointer of a parked context, where a walk of its stack begins, and its program counter. */
uintptr_t cp_context_frame(const cp_context *context);
uintptr_t cp_context_pc(const cp_context *context);

/* The caller's frame pointer. */
#define cp_frame_address() ((uintptr_t)__builtin_frame_address(0))

/* Return addresses along the frame-pointer chain from `frame`, inside [low, high); returns their number. Swift code keeps
   frame pointers; the walk stops where a frame does not. */
size_t cp_walk_frames(uintptr_t frame, uintptr_t low, uintptr_t high, uintptr_t *out, size_t max);
/* The same from the caller's own frame. */
size_t cp_walk_self(uintptr_t low, uintptr_t high, uintptr_t *out, size_t max);

/* Calls entry(argument), and keeps in `frame` where its stack begins: walks end there. */
void cp_call(cp_entry entry, void *argument, uintptr_t *frame);

/* A baton is a word on which one OS thread waits until somebody passes it on. */
void cp_baton_pass(uint32_t *baton);
void cp_baton_wait(uint32_t *baton);

/* Whether this build can switch stacks: not under a sanitizer, which keeps its own account of the stack of each OS
   thread. */
bool cp_can_switch_stacks(void);

/* A stack with a guard below it; NULL when memory is short. size is rounded up to whole pages. */
void *cp_stack_map(size_t size);
void cp_stack_unmap(void *stack_low, size_t size);
/* Says who runs on the stack from now on, for the report of an overflow; the first 128 bytes. */
void cp_stack_name(void *stack_low, size_t size, const char *name, size_t length);
/* Lets the calling OS thread report an overflow of the stacks that it runs on: the process says which simulated thread it
   was and ends with 70. Handlers of SIGSEGV and SIGBUS that were there before get all other faults. */
void cp_stack_watch(void);

#endif
