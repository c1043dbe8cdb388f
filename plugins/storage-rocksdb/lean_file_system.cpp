#include "lean_file_system.h"

namespace gnocchi::rocks {

rocksdb::IOStatus LeanFileSystem::NewWritableFile(const std::string& name,
                                                  const rocksdb::FileOptions& options,
                                                  std::unique_ptr<rocksdb::FSWritableFile>* file,
                                                  rocksdb::IODebugContext* debug) {
  if (name.find("/OPTIONS-") != std::string::npos) {
    return rocksdb::IOStatus::NotSupported("not wanted");
  }
  return target()->NewWritableFile(name, options, file, debug);
}

}  // namespace gnocchi::rocks
