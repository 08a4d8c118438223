#include <string.h>

#include "cplatform.h"

bool cp_note_write(cp_note_text *note, const char *text, size_t length) {
  uint32_t before = __atomic_load_n(&note->sequence, __ATOMIC_RELAXED);
  if (before % 2 == 1 ||
      !__atomic_compare_exchange_n(&note->sequence, &before, before + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
    return false;
  }
  __atomic_thread_fence(__ATOMIC_RELEASE);
  if (length > CP_NOTE_TEXT_MAX) length = CP_NOTE_TEXT_MAX;
  __atomic_store_n(&note->length, (uint32_t)length, __ATOMIC_RELAXED);
  for (size_t at = 0; at < length; at += 8) {
    uint64_t word = 0;
    memcpy(&word, text + at, length - at < 8 ? length - at : 8);
    __atomic_store_n(&note->words[at / 8], word, __ATOMIC_RELAXED);
  }
  __atomic_store_n(&note->sequence, before + 2, __ATOMIC_RELEASE);
  return true;
}

long cp_note_read(const cp_note_text *note, char *out) {
  for (int attempt = 0; attempt < 100; attempt++) {
    uint32_t before = __atomic_load_n(&note->sequence, __ATOMIC_ACQUIRE);
    if (before % 2 == 1) {
      cp_pause();
      continue;
    }
    uint32_t length = __atomic_load_n(&note->length, __ATOMIC_RELAXED);
    if (length > CP_NOTE_TEXT_MAX) continue;
    for (size_t at = 0; at < length; at += 8) {
      uint64_t word = __atomic_load_n(&note->words[at / 8], __ATOMIC_RELAXED);
      memcpy(out + at, &word, 8);
    }
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(&note->sequence, __ATOMIC_RELAXED) == before) return (long)length;
  }
  return -1;
}
