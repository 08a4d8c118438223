#ifndef CPLATFORM_SPAWN_H
#define CPLATFORM_SPAWN_H

#include <stdbool.h>
#include <stdint.h>

/* A program to start. */
typedef struct {
  const char *program;
  char *const *arguments;
  char *const *environment;
  /* NULL: the parent's. */
  const char *directory;
  /* What becomes 0, 1 and 2; negative: /dev/null. Every other descriptor is closed. */
  int32_t descriptors[3];
  /* In a process group of its own, whose leader is a process that ends the whole group with the calling thread; its id is
     the one that is returned, and it ends as the program does. */
  bool own_group;
} cp_spawn_request;

/* Starts it with default signals, nothing blocked, and so that the kernel ends it with the calling thread, however that
   ends. The process id, or -1 and the errno. Allocates nothing. */
int32_t cp_spawn(const cp_spawn_request *request, int32_t *error);

/* Ties the calling process to its parent: the kernel ends it when the parent's thread that forked it ends. */
void cp_end_with_parent(int32_t parent);

/* pipe2(2) whose ends no other program inherits. */
int32_t cp_pipe(int32_t ends[2]);

#endif
