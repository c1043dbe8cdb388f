// Every option that Gnocchi 3.0 had, at the place it had there.
#include <gmock/gmock.h>

#include "core/config/driver_options.h"
#include "core/config/settings.h"

namespace gnocchi::config {
namespace {

using namespace std::chrono_literals;

constexpr char kConf[] = R"([DEFAULT]
debug = True
verbose = False
log_dir = /var/log/gnocchi
log-file = gnocchi.log
use_syslog = True
syslog_log_facility = local1
[database]
connection = mysql+pymysql://gnocchi:secret@db/gnocchi
max_retries = -1
connection_recycle_time = 3600
[metricd]
workers = 3
[api]
paste_config = api-paste.ini
pecan_debug = True
workers = 4
host = 127.0.0.1
port = 8042
max_limit = 500
[storage]
driver = file
coordination_url = redis://coordinator
aggregation_workers_number = 5
tasks_per_worker = 128
metric_processing_delay = 30
metric_reporting_delay = -1
metric_cleanup_delay = 400
file_basepath = /var/lib/gnocchi
[statsd]
host = 127.0.0.1
port = 8126
resource_id = 5f1f1b8e-43b5-4c5c-9a0b-5c1f0b0a1f0a
user_id = statsd
project_id = service
archive_policy_name = low
flush_delay = 5
[archive_policy]
default_aggregation_methods = mean,min,max,sum,std,median,count,95pct
[cors]
allowed_origin = http://grafana
[oslo_policy]
policy_file = policy.json
[oslo_middleware]
max_request_body_size = 1000
)";

class OptionsOf30 : public testing::Test {
 protected:
  const std::unique_ptr<Settings> settings_ = settings_from_text(kConf);
};

TEST_F(OptionsOf30, OldPlacesSetWhatTheyMeanToday) {
  EXPECT_EQ(settings_->text("indexer", "url"), "mysql+pymysql://gnocchi:secret@db/gnocchi");
  EXPECT_EQ(settings_->text("DEFAULT", "coordination_url"), "redis://coordinator");
  EXPECT_EQ(settings_->integer("DEFAULT", "parallel_operations"), 5);
  EXPECT_EQ(settings_->duration("metricd", "metric_processing_delay"), 30s);
  EXPECT_EQ(settings_->duration("metricd", "metric_reporting_delay"), -1s);
  EXPECT_EQ(settings_->duration("metricd", "metric_cleanup_delay"), 400s);
  EXPECT_EQ(settings_->text("statsd", "user_id"), "statsd");
  EXPECT_EQ(settings_->text("statsd", "project_id"), "service");
  EXPECT_EQ(settings_->integer("api", "port"), 8042);
  EXPECT_THAT(settings_->list("archive_policy", "default_aggregation_methods"),
              testing::ElementsAre("mean", "min", "max", "sum", "std", "median", "count", "95pct"));
}

TEST_F(OptionsOf30, NoneIsUnknown) {
  std::vector<std::string> without_effect;
  for (const Notice& notice : settings_->notices()) {
    if (notice.level == plugin::Log::Level::info) {
      without_effect.push_back(notice.message);
    } else {
      EXPECT_THAT(notice.message, testing::HasSubstr(" is an old name: write "));
    }
  }
  EXPECT_THAT(without_effect,
              testing::ElementsAre(testing::HasSubstr("[database] max_retries does nothing"),
                                   testing::HasSubstr("[database] connection_recycle_time does"),
                                   testing::HasSubstr("[api] pecan_debug does nothing"),
                                   testing::HasSubstr("[api] workers does nothing"),
                                   testing::HasSubstr("[storage] tasks_per_worker does nothing")));
  constexpr plugin::OptionSpec kFile[] = {
      {"file_basepath", plugin::OptionType::path, nullptr, "Directory."}};
  EXPECT_THAT(unknown_driver_keys(*settings_, {{"storage", kFile}}), testing::IsEmpty());
}

}  // namespace
}  // namespace gnocchi::config
