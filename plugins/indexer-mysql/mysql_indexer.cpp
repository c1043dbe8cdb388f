#include "indexer-mysql/mysql_indexer.h"

namespace gnocchi::mysql {
namespace {

// Changing a large table takes its time, and must not be cut off half-way.
constexpr std::chrono::hours kPatience{24};

MysqlOptions connection_options(const plugin::Options& options) {
  const auto seconds = [&](const char* name) {
    return std::chrono::ceil<std::chrono::seconds>(options.duration(name));
  };
  return {sql::DatabaseUrl::parse(options.text("url")), seconds("connect_timeout"),
          seconds("read_timeout"), seconds("lock_wait_timeout")};
}

std::unique_ptr<const sql::Dialect> patient_dialect(const plugin::Options& options) {
  MysqlOptions patient = connection_options(options);
  patient.read_timeout = kPatience;
  return std::make_unique<MysqlDialect>(patient);
}

}  // namespace

MysqlIndexer::MysqlIndexer(const plugin::Context& context)
    : SqlIndexer(std::make_unique<MysqlDialect>(connection_options(context.options)),
                 patient_dialect(context.options), sql::db_options(context.options), context.log) {}

}  // namespace gnocchi::mysql
