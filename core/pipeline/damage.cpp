#include "core/pipeline/damage.h"

#include "core/timeseries/split_codec.h"
#include "gnocchi/error.h"

namespace gnocchi::pipeline {

void log_damage(plugin::Log& log, const ObjectRef& ref, const std::exception& error) {
  log.error("damaged object replaced metric=" + ref.metric.to_string() +
            " object=" + object_name(ref) + " reason=\"" + error.what() + "\"");
}

void drop_damaged(plugin::Log& log, std::span<const ObjectRef> refs,
                  std::span<std::optional<StoredObject>> objects) {
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (!objects[i]) continue;
    try {
      const SplitKey& key = *refs[i].split;
      timeseries::Series ignored;
      timeseries::decode_split(objects[i]->data,
                               {key.start.time_since_epoch().count(), key.granularity.count()},
                               ignored);
    } catch (const Error& error) {
      if (error.code() != Error::Code::corrupt_data) throw;
      log_damage(log, refs[i], error);
      objects[i].reset();
    }
  }
}

}  // namespace gnocchi::pipeline
