// The tables of core's options: the one place where each is declared.
#include "core/config/core_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "core/config/values.h"

namespace gnocchi::config {
namespace {

using plugin::OptionSpec;
using Type = plugin::OptionType;

constexpr double kAnyAbove = -1;  // as `max` under `min`: no upper bound
constexpr double kMostPort = 65535;

constexpr OldName kOldCoordination[] = {{"storage", "coordination_url"}};
constexpr OldName kOldParallel[] = {{"storage", "aggregation_workers_number"}};
constexpr OldName kOldLogFile[] = {{"DEFAULT", "logfile"}};
constexpr OldName kOldLogDir[] = {{"DEFAULT", "logdir"}};
constexpr OldName kOldIndexerUrl[] = {{"database", "connection"},
                                      {"DEFAULT", "sql_connection"},
                                      {"database", "sql_connection"},
                                      {"sql", "connection"}};
constexpr OldName kOldProcessingDelay[] = {{"storage", "metric_processing_delay"}};
constexpr OldName kOldReportingDelay[] = {{"storage", "metric_reporting_delay"}};
constexpr OldName kOldCleanupDelay[] = {{"storage", "metric_cleanup_delay"}};
constexpr OldName kOldProxyHeaders[] = {{"oslo_middleware", "enable_proxy_headers_parsing"}};
constexpr OldName kOldPolicyFile[] = {{"DEFAULT", "policy_file"}};
constexpr OldName kOldDefaultRule[] = {{"DEFAULT", "policy_default_rule"}};
constexpr OldName kOldPolicyDirs[] = {{"DEFAULT", "policy_dirs"}};
constexpr OldName kOldBodySize[] = {{"DEFAULT", "osapi_max_request_body_size"},
                                    {"DEFAULT", "max_request_body_size"}};

constexpr const char* kLogFormats[] = {"text", "json"};
constexpr const char* kIdSchemes[] = {"3.1", "3.0"};
constexpr const char* kDataSources[] = {"collectd"};

bool is_aggregation_method(std::string_view method) {
  static constexpr std::string_view kNames[] = {"mean", "sum",    "last",  "max",  "min",
                                                "std",  "median", "first", "count"};
  if (method.starts_with("rate:")) method.remove_prefix(5);
  if (std::find(std::begin(kNames), std::end(kNames), method) != std::end(kNames)) return true;
  int percent = 0;
  const char* end = method.data() + method.size();
  const auto [rest, code] = std::from_chars(method.data(), end, percent);
  return code == std::errc{} &&
         std::string_view(rest, static_cast<std::size_t>(end - rest)) == "pct" && percent >= 1 &&
         percent <= 99 && method.front() != '0';
}

bool is_facility(std::string_view name) {
  static constexpr std::string_view kNames[] = {"kern",     "user",   "mail",   "daemon", "auth",
                                                "syslog",   "lpr",    "news",   "uucp",   "cron",
                                                "authpriv", "ftp",    "local0", "local1", "local2",
                                                "local3",   "local4", "local5", "local6", "local7"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

constexpr OptionSpec required(OptionSpec spec) {
  spec.required = true;
  return spec;
}
constexpr OptionSpec secret(OptionSpec spec) {
  spec.secret = true;
  return spec;
}
constexpr OptionSpec ranged(OptionSpec spec, double min, double max) {
  spec.min = min;
  spec.max = max;
  return spec;
}
constexpr OptionSpec formerly(OptionSpec spec, const char* was) {
  spec.was = was;
  return spec;
}

// clang-format off
const CoreOption kOptions[] = {
    {.group = "DEFAULT", .spec = {"debug", Type::boolean, "false", "Log at level DEBUG."}},
    {.group = "DEFAULT", .spec = {"verbose", Type::boolean, "true", "Log at level INFO; if false, warnings and errors only."}},
    {.group = "DEFAULT", .spec = {"log_dir", Type::path, nullptr, "Directory of log files; log_file is taken relative to it, and is <program>.log if not set."}, .old_names = kOldLogDir},
    {.group = "DEFAULT", .spec = {"log_file", Type::path, nullptr, "File to log to instead of standard error; opened anew at SIGHUP."}, .old_names = kOldLogFile},
    {.group = "DEFAULT", .spec = {"log_format", Type::text, "text", "What a log line looks like: text, or one JSON object a line."}, .choices = kLogFormats},
    {.group = "DEFAULT", .spec = {"use_syslog", Type::boolean, "false", "Log to syslog too."}},
    {.group = "DEFAULT", .spec = {"syslog_log_facility", Type::text, "user", "Syslog facility of the log lines."}, .accepts = is_facility, .allowed = "user, daemon, local0 to local7, ..."},
    {.group = "DEFAULT", .spec = {"use_journal", Type::boolean, "false", "Log to systemd's journal too, with request id and level as fields."}},
    {.group = "DEFAULT", .spec = secret({"coordination_url", Type::url, nullptr, "Where processes find each other and take locks: the scheme names the coordinator driver."}), .old_names = kOldCoordination, .default_note = "that of the indexer"},
    {.group = "DEFAULT", .spec = ranged({"parallel_operations", Type::integer, nullptr, "Threads that share the work of one pass or one query."}, 1, kAnyAbove), .old_names = kOldParallel, .default_note = "number of CPUs"},
    {.group = "DEFAULT", .spec = {"create_legacy_resource_types", Type::boolean, "false", "Let gnocchi-upgrade create the resource types that Ceilometer up to Newton takes for granted."}},
    {.group = "DEFAULT", .spec = {"plugin_path", Type::path, nullptr, "Directories that are searched for plugins."}, .list = true, .default_note = "the plugins installed with this program"},
    {.group = "DEFAULT", .spec = {"graceful_shutdown_timeout", Type::duration, "60", "Time that the work in hand has to end after SIGTERM, in seconds; 0: without end."}},

    {.group = "indexer", .spec = required(secret({"url", Type::url, nullptr, "The database of the index; its scheme, up to a '+', names the indexer driver."})), .old_names = kOldIndexerUrl, .environment = "GNOCCHI_INDEXER_URL"},

    {.group = "storage", .spec = required({"driver", Type::text, "file", "Storage driver: where aggregates are kept."})},
    {.group = "incoming", .spec = required({"driver", Type::text, "${storage.driver}", "Incoming driver: where measures wait to be processed. Its options are read from this group, else from [storage]."})},

    {.group = "metricd", .spec = required(ranged({"workers", Type::integer, nullptr, "Workers that process measures."}, 1, kAnyAbove)), .default_note = "number of CPUs"},
    {.group = "metricd", .spec = required({"metric_processing_delay", Type::duration, "60", "Seconds between two looks at sacks of which no news came."}), .old_names = kOldProcessingDelay},
    {.group = "metricd", .spec = {"greedy", Type::boolean, "true", "Process measures as soon as news of them comes, without waiting for metric_processing_delay."}},
    {.group = "metricd", .spec = required(ranged({"metric_reporting_delay", Type::duration, "120", "Seconds between two reports of the backlog in the log; -1: none."}, -1, 1e9)), .old_names = kOldReportingDelay},
    {.group = "metricd", .spec = required({"metric_cleanup_delay", Type::duration, "300", "Seconds between two removals of deleted metrics' data."}), .old_names = kOldCleanupDelay},
    {.group = "metricd", .spec = ranged({"processing_replicas", Type::integer, "3", "Workers that share a sack."}, 1, kAnyAbove)},
    {.group = "metricd", .spec = ranged({"cleanup_batch_size", Type::integer, "10000", "Most metrics whose data is removed at once."}, 1, kAnyAbove)},
    {.group = "metricd", .spec = ranged({"raw_cache_mib", Type::integer, "128", "Most mebibytes of raw series that are remembered from one pass of their metric to the next, so that they need not be read again. 0: none."}, 0, 1 << 20)},
    {.group = "metricd", .spec = {"metric_inactive_after", Type::duration, "0", "Seconds without new measures after which a metric counts as inactive; a resource whose metrics all are gets its ended_at. 0: never."}},
    {.group = "metricd", .spec = {"metrics_host", Type::text, "127.0.0.1", "Address where gnocchi-metricd answers GET /metrics."}},
    {.group = "metricd", .spec = ranged({"metrics_port", Type::integer, nullptr, "TCP port where gnocchi-metricd answers GET /metrics in Prometheus's text format; 0: any free one."}, 0, kMostPort), .default_note = "none: nothing is served"},
    {.group = "metricd", .spec = {"resource_cleanup_after", Type::duration, "0", "Seconds after its ended_at when a resource and all its data are removed. 0: never."}},
    {.group = "metricd", .spec = {"resource_cleanup_dry_run", Type::boolean, "false", "Only log which resources resource_cleanup_after would remove."}},

    {.group = "api", .spec = {"paste_config", Type::path, "api-paste.ini", "Paste file; only the pipeline that chooses the authentication is read from it."}},
    {.group = "api", .spec = {"auth_mode", Type::text, nullptr, "Authentication: basic, noauth, remoteuser, keystone, or another plugin's name. Wins over paste_config's pipeline."}, .default_note = "the pipeline of paste_config, else basic"},
    {.group = "api", .spec = required(ranged({"max_limit", Type::integer, "1000", "Most items that one answer lists."}, 1, kAnyAbove))},
    {.group = "api", .spec = required(ranged({"max_aggregated_metrics", Type::integer, "100000", "Most metrics that one request may aggregate."}, 1, kAnyAbove))},
    {.group = "api", .spec = required(ranged({"max_aggregated_points", Type::integer, "5000000", "Most points that one request may read to aggregate them, and most cells of their table (metrics times points of time); each takes some 100 bytes at worst."}, 1, kAnyAbove))},
    {.group = "api", .spec = formerly({"operation_timeout", Type::duration, "10", "Seconds that a request may wait for locks and refreshes."}, "refresh_timeout")},
    {.group = "api", .spec = ranged({"metric_cache_time", Type::duration, "1", "Seconds for which measures are accepted and read by what the index said of their metric; so long may a deletion or a change of owner that another process made go unnoticed. 0: the index is asked each time."}, 0, kAnyAbove)},
    {.group = "api", .spec = {"immediate_reads", Type::boolean, "true", "Let queries see measures as soon as they are accepted, whether metricd has processed them or not. false: only what is stored is seen, as with Python Gnocchi."}},
    {.group = "api", .spec = ranged({"max_pending_bytes", Type::integer, "16777216", "Most bytes of measures not processed yet that one query considers, each some six times that in memory; where more wait, it is answered what is stored, with the header Gnocchi-Pending-Measures: left out."}, 0, kAnyAbove)},
    {.group = "api", .spec = {"host", Type::text, "0.0.0.0", "Address to listen on."}},
    {.group = "api", .spec = ranged({"port", Type::integer, "8041", "TCP port to listen on; 0: any free one."}, 0, kMostPort)},
    {.group = "api", .spec = ranged({"threads", Type::integer, nullptr, "Threads that answer requests."}, 1, kAnyAbove), .default_note = "eight for each CPU, at least 16"},
    {.group = "api", .spec = {"enable_metrics", Type::boolean, "true", "Answer GET /metrics, without credentials, with what this process counts, in Prometheus's text format."}},
    {.group = "api", .spec = {"enable_proxy_headers_parsing", Type::boolean, "false", "Believe a proxy's Forwarded and X-Forwarded-* headers."}, .old_names = kOldProxyHeaders},
    {.group = "api", .spec = {"max_future", Type::duration, "0", "Seconds that a measure's timestamp may be ahead of now; a request with a later one is refused. 0: no limit."}},
    {.group = "api", .spec = {"resource_id_scheme", Type::text, "3.1", "How ids that are no UUIDs become one: with the creator (3.1) or without (3.0)."}, .choices = kIdSchemes},

    {.group = "archive_policy", .spec = {"default_aggregation_methods", Type::text, "mean,min,max,sum,std,count", "Aggregation methods of archive policies that name none."}, .list = true, .accepts = is_aggregation_method, .allowed = "mean, sum, last, max, min, std, median, first, count, 1pct to 99pct, each also with rate: in front"},

    {.group = "cors", .spec = {"allowed_origin", Type::text, nullptr, "Origins that browsers may send requests from: <protocol>://<host>[:<port>] without a slash at the end, or *."}, .list = true},
    {.group = "cors", .spec = {"allow_credentials", Type::boolean, "true", "Let browsers send credentials."}},
    {.group = "cors", .spec = {"expose_headers", Type::text, "", "Headers of answers that scripts may read, beside the simple ones."}, .list = true},
    {.group = "cors", .spec = {"max_age", Type::integer, "3600", "Seconds that a browser may keep the answer to a preflight request."}},
    {.group = "cors", .spec = {"allow_methods", Type::text, "OPTIONS,GET,HEAD,POST,PUT,DELETE,TRACE,PATCH", "Methods that scripts may use."}, .list = true},
    {.group = "cors", .spec = {"allow_headers", Type::text, "Authorization,X-Auth-Token,X-Subject-Token,X-User-Id,X-Domain-Id,X-Project-Id,X-Roles", "Headers that scripts may send."}, .list = true},

    {.group = "oslo_middleware", .spec = ranged({"max_request_body_size", Type::integer, "67108864", "Largest body of a request, in bytes."}, 1, 2147483647), .old_names = kOldBodySize},

    {.group = "oslo_policy", .spec = {"policy_file", Type::path, nullptr, "File of access rules, JSON or YAML."}, .old_names = kOldPolicyFile, .default_note = "policy.yaml, else policy.json, where it exists"},
    {.group = "oslo_policy", .spec = {"policy_dirs", Type::path, "policy.d", "Directories of further files of access rules."}, .repeatable = true, .old_names = kOldPolicyDirs},
    {.group = "oslo_policy", .spec = {"policy_default_rule", Type::text, "default", "Rule that stands for one which is not defined."}, .old_names = kOldDefaultRule},

    {.group = "healthcheck", .spec = {"path", Type::text, "/healthcheck", "Path of the health check."}},
    {.group = "healthcheck", .spec = {"detailed", Type::boolean, "false", "Say more in the health check's answer."}},
    {.group = "healthcheck", .spec = {"backends", Type::text, "", "Further checks: disable_by_file, disable_by_files_ports."}, .list = true},
    {.group = "healthcheck", .spec = {"disable_by_file_path", Type::path, nullptr, "While this file exists, the health check answers 503."}},
    {.group = "healthcheck", .spec = {"disable_by_file_paths", Type::text, "", "The same by port, as port:path."}, .list = true},

    {.group = "statsd", .spec = {"host", Type::text, "0.0.0.0", "Address to listen on."}},
    {.group = "statsd", .spec = ranged({"port", Type::integer, "8125", "UDP port to listen on."}, 0, kMostPort)},
    {.group = "statsd", .spec = {"resource_id", Type::text, nullptr, "UUID of the resource that holds the metrics; gnocchi-statsd needs it."}},
    {.group = "statsd", .spec = {"creator", Type::text, nullptr, "Creator of the metrics."}},
    {.group = "statsd", .spec = {"user_id", Type::text, nullptr, "User part of the creator, where creator is not set."}},
    {.group = "statsd", .spec = {"project_id", Type::text, nullptr, "Project part of the creator, where creator is not set."}},
    {.group = "statsd", .spec = {"archive_policy_name", Type::text, nullptr, "Archive policy of new metrics."}, .default_note = "that of the rule which matches the name"},
    {.group = "statsd", .spec = ranged({"flush_delay", Type::duration, "10", "Seconds between two flushes."}, 0.01, 1e6)},

    {.group = "amqp1d", .spec = secret({"url", Type::text, "localhost:5672/u/collectd/telemetry", "AMQP 1.0 address to receive from: [user:password@]host:port/address."})},
    {.group = "amqp1d", .spec = {"data_source", Type::text, "collectd", "Where the messages come from."}, .choices = kDataSources},
    {.group = "amqp1d", .spec = {"resource_type", Type::text, "collectd_amqp1d", "Type of the resources."}},
    {.group = "amqp1d", .spec = {"creator", Type::text, nullptr, "Creator of the metrics."}},
    {.group = "amqp1d", .spec = ranged({"flush_delay", Type::duration, "10", "Seconds between two flushes."}, 0.01, 1e6)},
};

constexpr char kOneProcess[] = "one process uses all CPUs here; see [api] threads";
constexpr char kNoUwsgi[] = "no uWSGI here";
constexpr char kOsloLog[] = "belongs to oslo.log";
constexpr char kOsloMessaging[] = "belongs to oslo.messaging";
constexpr char kNoRemoteCheck[] = "belongs to oslo.policy";

constexpr IgnoredOption kIgnored[] = {
    {"api", "uwsgi_mode", kNoUwsgi},
    {"api", "uwsgi_path", kNoUwsgi},
    {"api", "pecan_debug", "no Pecan here"},
    {"api", "workers", kOneProcess},
    {"DEFAULT", "log_options", "belongs to cotyledon"},
    {"DEFAULT", "use_stderr", kOsloLog},
    {"DEFAULT", "log_config_append", kOsloLog},
    {"DEFAULT", "log_date_format", kOsloLog},
    {"DEFAULT", "log_rotation_type", kOsloLog},
    {"DEFAULT", "log_rotate_interval", kOsloLog},
    {"DEFAULT", "log_rotate_interval_type", kOsloLog},
    {"DEFAULT", "max_logfile_count", kOsloLog},
    {"DEFAULT", "max_logfile_size_mb", kOsloLog},
    {"DEFAULT", "watch_log_file", kOsloLog},
    {"DEFAULT", "use_json", "see log_format = json"},
    {"DEFAULT", "use_eventlog", kOsloLog},
    {"DEFAULT", "use_syslog_rfc_format", kOsloLog},
    {"DEFAULT", "logging_context_format_string", kOsloLog},
    {"DEFAULT", "logging_default_format_string", kOsloLog},
    {"DEFAULT", "logging_debug_format_suffix", kOsloLog},
    {"DEFAULT", "logging_exception_prefix", kOsloLog},
    {"DEFAULT", "logging_user_identity_format", kOsloLog},
    {"DEFAULT", "default_log_levels", kOsloLog},
    {"DEFAULT", "publish_errors", kOsloLog},
    {"DEFAULT", "instance_format", kOsloLog},
    {"DEFAULT", "instance_uuid_format", kOsloLog},
    {"DEFAULT", "rate_limit_interval", kOsloLog},
    {"DEFAULT", "rate_limit_burst", kOsloLog},
    {"DEFAULT", "rate_limit_except_level", kOsloLog},
    {"DEFAULT", "fatal_deprecations", kOsloLog},
    {"DEFAULT", "transport_url", kOsloMessaging},
    {"DEFAULT", "rpc_backend", kOsloMessaging},
    {"DEFAULT", "rpc_response_timeout", kOsloMessaging},
    {"DEFAULT", "control_exchange", kOsloMessaging},
    {"DEFAULT", "rabbit_host", kOsloMessaging},
    {"DEFAULT", "rabbit_userid", kOsloMessaging},
    {"DEFAULT", "rabbit_password", kOsloMessaging},
    {"storage", "tasks_per_worker", "workers take one sack after the other"},
    {"database", "*", "belongs to oslo.db; only connection is read"},
    {"oslo_policy", "enforce_scope", kNoRemoteCheck},
    {"oslo_policy", "enforce_new_defaults", kNoRemoteCheck},
    {"oslo_policy", "remote_content_type", kNoRemoteCheck},
    {"oslo_policy", "remote_ssl_verify_server_crt", kNoRemoteCheck},
    {"oslo_policy", "remote_ssl_ca_crt_file", kNoRemoteCheck},
    {"oslo_policy", "remote_ssl_client_crt_file", kNoRemoteCheck},
    {"oslo_policy", "remote_ssl_client_key_file", kNoRemoteCheck},
    {"oslo_policy", "remote_timeout", kNoRemoteCheck},
    {"oslo_middleware", "http_basic_auth_user_file", "belongs to oslo.middleware"},
    {"healthcheck", "allowed_source_ranges", "belongs to oslo.middleware"},
    {"healthcheck", "ignore_proxied_requests", "belongs to oslo.middleware"},
    {"healthcheck", "enable_by_file_paths", "belongs to oslo.middleware"},
};
// clang-format on

/// Groups of which drivers read options, beside those that core reads there.
constexpr std::string_view kDriverGroups[] = {"storage",      "incoming", "indexer",
                                              "coordination", "api",      "keystone_authtoken"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool same_group(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string must_be_set(std::string_view group, const OptionSpec& spec) {
  const std::string name = spec.name;
  return "CONFIG_INVALID  [" + std::string(group) + "] " + name + " must be set (example: " + name +
         " = " + examples_of(spec.type) + ")";
}

std::span<const CoreOption> core_options() { return kOptions; }

const CoreOption* find_core_option(std::string_view group, std::string_view name) {
  for (const CoreOption& option : kOptions) {
    if (name == option.spec.name && same_group(group, option.group)) return &option;
  }
  return nullptr;
}

bool is_driver_group(std::string_view group) {
  return std::any_of(std::begin(kDriverGroups), std::end(kDriverGroups),
                     [group](std::string_view known) { return same_group(group, known); });
}

bool is_known_group(std::string_view group) {
  return is_driver_group(group) ||
         std::any_of(std::begin(kOptions), std::end(kOptions),
                     [group](const CoreOption& option) { return same_group(group, option.group); });
}

const IgnoredOption* find_ignored_option(std::string_view group, std::string_view name) {
  for (const IgnoredOption& option : kIgnored) {
    const bool named = name == option.name || std::string_view(option.name) == "*";
    if (named && same_group(group, option.group)) return &option;
  }
  return nullptr;
}

}  // namespace gnocchi::config
