// Whatever body a search or a resource type has, it is understood or refused with a 4xx.
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/errors.h"
#include "api/filter_json.h"
#include "api/resource_type_body.h"

namespace {

using namespace gnocchi;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Parse>
void attempt(Parse parse) {
  try {
    parse();
  } catch (const api::HttpError& error) {
    require(error.status() >= 400 && error.status() < 500 && !error.detail().text.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  attempt([&] {
    const auto document = api::parse_json(text);
    attempt([&] { api::parse_filter_json(document, "creator"); });
    attempt([&] { api::parse_resource_type(document); });
    attempt([&] {
      ResourceType type;
      type.name = "t";
      type.attributes["a"].type = AttributeType::string;
      type.attributes["a"].max_length = 255;
      api::parse_resource_type_patch(document, type, Timestamp{std::chrono::hours{500'000}});
    });
  });
  return 0;
}
