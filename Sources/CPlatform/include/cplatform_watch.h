#ifndef CPLATFORM_WATCH_H
#define CPLATFORM_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a program that stands in front of another one needs: it passes signals on, starts the other as it was started
   itself, and listens for its words. */

/* Signals that are ignored now; bit n - 1 is signal n. */
uint64_t cp_signals_ignored(void);

/* From here on signals are read, not handled: a descriptor for cp_signal_next, or -1. Job control (SIGTSTP, SIGTTIN,
   SIGTTOU) and what a fault of this process raises keep their effect. */
int32_t cp_signals_take(void);

/* Ends that: signals are handled as before. */
void cp_signals_return(void);

/* The next signal, or 0. `is_terminals`: the terminal sent it, and so sent it to the whole foreground group. */
int32_t cp_signal_next(int32_t descriptor, bool *is_terminals);

typedef struct {
  const char *program;
  char *const *arguments;
  char *const *environment;
  /* What becomes 1 and 2; negative: this process's own. */
  int32_t output;
  int32_t error;
  /* Signals to ignore, as cp_signals_ignored has them; all others get their default action. */
  uint64_t ignored;
} cp_watch_request;

/* Starts the program in this process group, with every descriptor that is not close-on-exec and the signal mask from before
   cp_signals_take. Once this process has ended, however that was, it gets SIGTERM. The process id, or -1 and the errno. */
int32_t cp_watch_spawn(const cp_watch_request *request, int32_t *error);

/* A Unix socket of whole messages at a path of 107 bytes at most; a descriptor, or -1 and errno. */
int32_t cp_messages_listen(const char *path);
/* The next caller, or -1. */
int32_t cp_messages_accept(int32_t listening);
/* The process at the other end, 0: unknown. */
int32_t cp_messages_peer(int32_t descriptor);

/* Whether some bytes stand within others. */
bool cp_bytes_contain(const uint8_t *bytes, size_t count, const uint8_t *wanted, size_t wanted_count);

#endif
