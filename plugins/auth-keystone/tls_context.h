#pragma once

#include <Poco/Net/Context.h>

#include <string>

namespace gnocchi::keystone {

/// Whom to believe on a TLS connection, and who we are.
struct TlsFiles {
  std::string ca_file;           ///< PEM; empty: the system's
  std::string certificate_file;  ///< PEM; empty: none
  std::string key_file;          ///< empty: in the certificate's file
  bool insecure = false;         ///< believe anybody
};

/// OpenSSL's context, shared by all connections. Any thread.
class TlsContext {
 public:
  /// Reads the files. Throws Error{invalid_config} if one cannot be used.
  explicit TlsContext(const TlsFiles& files);

  const Poco::Net::Context::Ptr& poco() const noexcept { return context_; }
  /// The peer's certificate and name count.
  bool verifies() const noexcept { return verifies_; }

 private:
  bool verifies_;
  Poco::Net::Context::Ptr context_;
};

}  // namespace gnocchi::keystone
