#ifndef CPLATFORM_HARD_H
#define CPLATFORM_HARD_H

#include <stdbool.h>
#include <stdint.h>

/* What the hard tests of the watchdog need of the kernel; no program calls it. */

/* From now on the system call of that number fails with EPERM in this process, as under a container's filter; seccomp(2).
   False: filters are not to be had. */
bool cp_refuse_call(long number);

/* All threads share one arena of malloc, so that one lock stops them all; mallopt(3). */
void cp_one_malloc_arena(void);

/* Leaves malloc with many free pieces, once and for good. */
void cp_fragment_memory(void);
/* Has the lock of malloc for as long as it takes to look at all of them. */
void cp_hold_malloc(void);
/* sigsuspend, until a timer of this thread ends it; 0 when nothing else did. Takes SIGUSR2 for itself. */
int cp_suspend(uint32_t milliseconds);
/* Takes a piece of 90,000 bytes and gives it back; waits while malloc is locked. */
void cp_use_malloc(void);

/* A word that signal handlers may wait at. */
uint32_t *cp_hard_word(void);

#endif
