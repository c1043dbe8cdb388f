// Words for the enumerators of the contract, and the names of files.
#include "core/plugin/loader.h"

namespace gnocchi::plugin {

const char* to_string(Kind kind) noexcept {
  switch (kind) {
    case Kind::storage: return "storage";
    case Kind::incoming: return "incoming";
    case Kind::indexer: return "indexer";
    case Kind::authenticator: return "authenticator";
    case Kind::coordinator: return "coordinator";
  }
  return "unknown kind";
}

const char* to_string(OptionType type) noexcept {
  switch (type) {
    case OptionType::text: return "text";
    case OptionType::integer: return "integer";
    case OptionType::real: return "real";
    case OptionType::boolean: return "boolean";
    case OptionType::duration: return "duration";
    case OptionType::path: return "path";
    case OptionType::url: return "url";
  }
  return "unknown type";
}

std::uint32_t interface_version(Kind kind) noexcept {
  switch (kind) {
    case Kind::storage: return kStorageInterface;
    case Kind::incoming: return kIncomingInterface;
    case Kind::indexer: return kIndexerInterface;
    case Kind::authenticator: return kAuthenticatorInterface;
    case Kind::coordinator: return kCoordinatorInterface;
  }
  return 0;
}

std::string file_name(Kind kind, std::string_view name) {
  std::string file = kind == Kind::authenticator ? "auth" : to_string(kind);
  file += '-';
  file += name;
  file += ".so";
  return file;
}

}  // namespace gnocchi::plugin
