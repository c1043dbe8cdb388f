// What a client may send before it is known: requests, cut where the first byte says.
#include "api/request_parser.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gnocchi::api::RequestParser;
  if (size == 0) return 0;
  RequestParser::Limits limits;
  limits.max_body_bytes = 1024;
  limits.max_target_bytes = 256;
  limits.max_fields_bytes = 512;
  RequestParser parser(limits);
  const std::size_t cut = data[0] % 64U + 1;
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  while (!rest.empty()) {
    std::string_view part = rest.substr(0, cut);
    rest.remove_prefix(part.size());
    while (!part.empty()) {
      part.remove_prefix(parser.consume(part));
      if (parser.state() == RequestParser::State::failed) {
        if (parser.failure() < 400 || parser.keep_alive()) std::abort();
        static_cast<void>(parser.take("peer"));
        return 0;
      }
      if (parser.state() == RequestParser::State::complete) {
        const auto request = parser.take("peer");
        if (request.body.size() > limits.max_body_bytes || request.raw_path.empty()) std::abort();
      } else if (!part.empty()) {
        std::abort();  // it takes all that it is given until a request is complete
      }
    }
  }
  return 0;
}
