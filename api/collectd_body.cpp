#include "api/collectd_body.h"

#include "api/json.h"

namespace gnocchi::api {
namespace {

std::string dashed(const std::string& name, const std::string& instance) {
  return instance.empty() ? name : name + "-" + instance;
}

void read_values(const JsonView& list, std::vector<CollectdValue>& values) {
  list.expect_object();
  const std::string host = list.member("host").text();
  const std::string metric =
      dashed(list.member("plugin").text(), list.member("plugin_instance").text()) + "@" +
      dashed(list.member("type").text(), list.member("type_instance").text());
  std::vector<std::string> sources;
  const JsonView names = list.member("dsnames");
  names.expect_array();
  names.each_item([&](const JsonView& name) { sources.push_back(name.text()); });
  const JsonView numbers = list.member("values");
  numbers.expect_array();
  if (numbers.value().Size() != sources.size()) numbers.refuse("expected a value for each dsname");
  std::size_t at = 0;
  numbers.each_item([&](const JsonView& number) {
    const std::string& source = sources[at++];
    if (number.is_null()) return;
    if (!number.value().IsNumber()) number.refuse("expected float");
    values.push_back(
        {host, sources.size() > 1 ? dashed(metric, source) : metric, number.value().GetDouble()});
  });
}

}  // namespace

std::vector<CollectdValue> parse_collectd(std::string_view body) {
  const auto document = parse_json(body);
  const JsonView lists(document);
  lists.expect_array();
  std::vector<CollectdValue> values;
  lists.each_item([&](const JsonView& list) { read_values(list, values); });
  return values;
}

}  // namespace gnocchi::api
