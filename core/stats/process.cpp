#include "core/stats/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>

namespace gnocchi::stats {
namespace {

/// The numbers of /proc/self/stat, which are named by their place in proc(5).
struct ProcessNumbers {
  double cpu_ticks = 0;       // 14 utime + 15 stime
  double threads = 0;         // 20 num_threads
  double start_ticks = 0;     // 22 starttime, since boot
  double virtual_bytes = 0;   // 23 vsize
  double resident_pages = 0;  // 24 rss
};

std::optional<ProcessNumbers> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  // The second field is the program's name in parentheses and may hold anything.
  std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  constexpr int kFirst = 3;
  constexpr int kLast = 24;
  std::string ignored;
  ProcessNumbers numbers;
  for (int field = kFirst; field <= kLast; ++field) {
    double value = 0;
    if (field == kFirst) {
      rest >> ignored;
      continue;
    }
    rest >> value;
    if (field == 14 || field == 15) numbers.cpu_ticks += value;
    if (field == 20) numbers.threads = value;
    if (field == 22) numbers.start_ticks = value;
    if (field == 23) numbers.virtual_bytes = value;
    if (field == 24) numbers.resident_pages = value;
  }
  return rest.fail() ? std::nullopt : std::optional(numbers);
}

/// Seconds since the Epoch.
std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

void add_descriptors(Text& text) {
  std::error_code failed;
  std::filesystem::directory_iterator entry("/proc/self/fd", failed);
  std::uint64_t open = 0;
  while (!failed && entry != std::filesystem::directory_iterator()) {
    ++open;
    entry.increment(failed);
  }
  // One of them is the directory itself, being read.
  if (open > 0) text.gauge("process_open_fds", "Open file descriptors.").add({}, open - 1);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    const double most = limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                                        : static_cast<double>(limit.rlim_cur);
    text.gauge("process_max_fds", "Most file descriptors that may be open.").add({}, most);
  }
}

}  // namespace

void add_process(Text& text) {
  const double ticks_per_s = static_cast<double>(::sysconf(_SC_CLK_TCK));
  if (const auto numbers = read_stat()) {
    text.counter("process_cpu_seconds_total", "CPU time, of the user and the system, in seconds.")
        .add({}, numbers->cpu_ticks / ticks_per_s);
    text.gauge("process_resident_memory_bytes", "Resident memory.")
        .add({}, numbers->resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    text.gauge("process_virtual_memory_bytes", "Virtual memory.").add({}, numbers->virtual_bytes);
    text.gauge("process_threads", "Threads.").add({}, numbers->threads);
    if (const auto boot = boot_time()) {
      text.gauge("process_start_time_seconds", "Start of the process, seconds since the Epoch.")
          .add({}, *boot + numbers->start_ticks / ticks_per_s);
    }
  }
  add_descriptors(text);
}

}  // namespace gnocchi::stats
