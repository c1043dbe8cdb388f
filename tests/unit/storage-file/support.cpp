#include "support.h"

#include <sys/mount.h>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace gnocchi::file::test {

namespace fs = std::filesystem;

std::vector<std::string> files_below(const fs::path& path) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), path).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << bytes;
  ASSERT_TRUE(stream.flush()) << path;
}

SmallDisk::SmallDisk() {
  mounted_ = ::mount("none", directory_.path.c_str(), "tmpfs", 0, "size=1m,nr_inodes=4096") == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(directory_.path.c_str(), MNT_DETACH);
}

void SmallDisk::fill(std::size_t bytes_left) {
  std::ofstream stream(path() / "filler", std::ios::binary | std::ios::trunc);
  const std::string block(4096, 'x');
  while (stream.write(block.data(), 4096).flush()) {
  }
  stream.close();
  fs::resize_file(path() / "filler", fs::file_size(path() / "filler") / 4096 * 4096 - bytes_left);
}

void SmallDisk::empty() { fs::remove(path() / "filler"); }

}  // namespace gnocchi::file::test
