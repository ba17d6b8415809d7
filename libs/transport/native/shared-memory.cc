// Memory that two processes of one machine share, for the frames between them:
// an anonymous file (memfd_create(2)) which one makes and the other opens by
// /proc. It has no name in any folder, so whatever crashes leaves nothing, and
// it is sealed against shrinking, so that nobody gets SIGBUS by reading it.
//
// One page of states, then two slots for frames to either side. A slot is
// filled by one side and emptied by the other; which one holds what length is
// told over their connection, whose system calls order the accesses.

#ifdef __linux__

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "arguments.h"

namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kSlots = 2;
constexpr size_t kSides = 2;
// Largest slot; pages that nobody has written to take no memory.
constexpr double kMostSlotBytes = 1u << 30;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

struct Region {
  uint8_t* begin = nullptr;
  size_t slot_bytes = 0;
  int file = -1;

  size_t bytes() const { return kPageBytes + kSides * kSlots * slot_bytes; }

  // 1 while a frame is in the slot.
  std::atomic<uint32_t>& state(size_t side, size_t slot) const {
    auto* const states = reinterpret_cast<std::atomic<uint32_t>*>(begin);
    return states[side * kSlots + slot];
  }

  uint8_t* content(size_t side, size_t slot) const {
    return begin + kPageBytes + (side * kSlots + slot) * slot_bytes;
  }

  // Idempotent.
  void Close() {
    if (begin != nullptr) munmap(begin, bytes());
    if (file >= 0) close(file);
    begin = nullptr;
    file = -1;
  }
};

static_assert(std::atomic<uint32_t>::is_always_lock_free,
              "a lock of one process does not hold in another");

napi_value Throw(napi_env env, const char* what) {
  char text[160];
  snprintf(text, sizeof text, "shared memory: %s: %s", what, strerror(errno));
  napi_throw_error(env, nullptr, text);
  return nullptr;
}

void Finalize(napi_env, void* data, void*) {
  Region* const region = static_cast<Region*>(data);
  region->Close();
  delete region;
}

// Maps an open file and gives the region; closes the file where that fails.
napi_value Map(napi_env env, int file, size_t slot_bytes) {
  Region region{nullptr, slot_bytes, file};
  void* const begin = mmap(nullptr, region.bytes(), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_NORESERVE, file, 0);
  if (begin == MAP_FAILED) {
    Throw(env, "mmap");
    region.Close();
    return nullptr;
  }
  region.begin = static_cast<uint8_t*>(begin);
  Region* const kept = new Region(region);
  napi_value external;
  if (napi_create_external(env, kept, Finalize, nullptr, &external) !=
      napi_ok) {
    Finalize(env, kept, nullptr);
    return nullptr;
  }
  return external;
}

// create(slotBytes, name): a region of one's own
napi_value Create(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "create");
  const size_t slot_bytes = given.Whole(kPageBytes, kMostSlotBytes);
  char name[128];
  given.Text(name, sizeof name);
  if (given.is_wrong()) return nullptr;
  const int file = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return Throw(env, "memfd_create");
  const Region region{nullptr, slot_bytes, file};
  if (ftruncate(file, static_cast<off_t>(region.bytes())) != 0 ||
      fcntl(file, F_ADD_SEALS, kSeals) != 0) {
    Throw(env, "a file of that size");
    close(file);
    return nullptr;
  }
  return Map(env, file, slot_bytes);
}

// Whether an open file is what create() makes.
bool IsRegion(int file, size_t bytes) {
  struct stat found;
  return fstat(file, &found) == 0 && S_ISREG(found.st_mode) &&
         static_cast<size_t>(found.st_size) == bytes &&
         fcntl(file, F_GET_SEALS) == kSeals;
}

// open(path, slotBytes, name): a region of another process; nothing where
// there is another file, or none
napi_value Open(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "open");
  char path[128];
  given.Text(path, sizeof path);
  const size_t slot_bytes = given.Whole(kPageBytes, kMostSlotBytes);
  char name[128];
  given.Text(name, sizeof name);
  if (given.is_wrong()) return nullptr;
  char expected[160];
  snprintf(expected, sizeof expected, "/memfd:%s (deleted)", name);
  char link[160];
  // another file than one of ours is not even opened
  const ssize_t length = readlink(path, link, sizeof link - 1);
  link[length < 0 ? 0 : length] = '\0';
  if (strcmp(link, expected) != 0) return nullptr;
  const int file = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return nullptr;
  if (IsRegion(file, Region{nullptr, slot_bytes, file}.bytes())) {
    return Map(env, file, slot_bytes);
  }
  close(file);
  return nullptr;
}

// The open region of a call; nothing where it is closed.
Region* RegionOf(Arguments& given) {
  Region* const region = given.External<Region>();
  return given.is_wrong() || region->begin == nullptr ? nullptr : region;
}

// descriptor(region): of its file in this process
napi_value Descriptor(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "descriptor");
  const Region* const region = RegionOf(given);
  napi_value number = nullptr;
  if (region != nullptr) napi_create_int32(env, region->file, &number);
  return number;
}

// put(region, side, head, rest): fills a slot to that side with a frame in two
// parts; -1 where none is empty or the frame is too long
napi_value Put(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "put");
  Region* const region = RegionOf(given);
  const size_t side = given.Whole(0, kSides - 1);
  size_t head_bytes = 0;
  const uint8_t* const head = given.AnyBytes(&head_bytes);
  size_t rest_bytes = 0;
  const uint8_t* const rest = given.AnyBytes(&rest_bytes);
  if (given.is_wrong()) return nullptr;
  int32_t taken = -1;
  if (region != nullptr && head_bytes + rest_bytes <= region->slot_bytes) {
    for (size_t slot = 0; slot < kSlots && taken < 0; slot++) {
      if (region->state(side, slot).load() != 0) continue;
      region->state(side, slot).store(1);
      memcpy(region->content(side, slot), head, head_bytes);
      memcpy(region->content(side, slot) + head_bytes, rest, rest_bytes);
      taken = static_cast<int32_t>(slot);
    }
  }
  napi_value number = nullptr;
  napi_create_int32(env, taken, &number);
  return number;
}

// take(region, side, slot, to): empties a slot that was filled to that side
napi_value Take(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "take");
  Region* const region = RegionOf(given);
  const size_t side = given.Whole(0, kSides - 1);
  const size_t slot = given.Whole(0, kSlots - 1);
  size_t length = 0;
  uint8_t* const to = given.AnyBytes(&length);
  const bool is_possible = !given.is_wrong() && region != nullptr &&
                           length <= region->slot_bytes &&
                           region->state(side, slot).load() != 0;
  if (is_possible) {
    memcpy(to, region->content(side, slot), length);
    region->state(side, slot).store(0);
  }
  napi_value taken = nullptr;
  napi_get_boolean(env, is_possible, &taken);
  return taken;
}

// close(region): gives its memory back; nothing can be put or taken any more
napi_value CloseRegion(napi_env env, napi_callback_info info) {
  Arguments given(env, info, "close");
  Region* const region = RegionOf(given);
  if (region != nullptr) region->Close();
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  const bool is_made = SetFunction(env, exports, "create", Create) &&
                       SetFunction(env, exports, "open", Open) &&
                       SetFunction(env, exports, "descriptor", Descriptor) &&
                       SetFunction(env, exports, "put", Put) &&
                       SetFunction(env, exports, "take", Take) &&
                       SetFunction(env, exports, "close", CloseRegion);
  return is_made ? exports : nullptr;
}

#else

#include <node_api.h>

// Elsewhere frames go through the connection.
NAPI_MODULE_INIT() { return exports; }

#endif
