#include "tls_context.h"

#include <Poco/Exception.h>

#include "gnocchi/error.h"

namespace gnocchi::keystone {
namespace {

using Poco::Net::Context;

constexpr int kChainDepth = 9;

Context::Ptr make_context(const TlsFiles& files) {
  const std::string& key = files.key_file.empty() ? files.certificate_file : files.key_file;
  try {
    Context::Ptr context =
        new Context(Context::TLS_CLIENT_USE, files.certificate_file.empty() ? std::string() : key,
                    files.certificate_file, files.insecure ? std::string() : files.ca_file,
                    files.insecure ? Context::VERIFY_NONE : Context::VERIFY_STRICT, kChainDepth,
                    !files.insecure && files.ca_file.empty(), "DEFAULT");
    context->disableProtocols(Context::PROTO_SSLV2 | Context::PROTO_SSLV3 | Context::PROTO_TLSV1 |
                              Context::PROTO_TLSV1_1);
    return context;
  } catch (const Poco::Exception& error) {
    throw Error(Error::Code::invalid_config, "[keystone_authtoken] cafile \"" + files.ca_file +
                                                 "\", certfile \"" + files.certificate_file +
                                                 "\", keyfile \"" + files.key_file +
                                                 "\": " + error.displayText());
  }
}

}  // namespace

TlsContext::TlsContext(const TlsFiles& files)
    : verifies_(!files.insecure), context_(make_context(files)) {}

}  // namespace gnocchi::keystone
