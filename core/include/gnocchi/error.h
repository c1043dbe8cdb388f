#pragma once

#include <stdexcept>
#include <string>

#include "gnocchi/export.h"

/// Two exception classes and no more. Absence is neither: it is nullopt or an empty list.
namespace gnocchi {

/// Nobody's request was wrong: the configuration, a backend or the program itself failed.
class GNOCCHI_API Error : public std::runtime_error {
 public:
  enum class Code {
    invalid_config,  ///< a setting cannot work; ends the process at start
    unavailable,     ///< the backend does not answer, or is full; worth another try
    timed_out,       ///< the backend did not answer within its option's time
    corrupt_data,    ///< stored bytes cannot be decoded
    internal,        ///< everything else, a bug included
  };

  /// `what` says operation, object and numbers: "read gnocchi_5f..._none_v3: timed out after 30 s".
  Error(Code code, const std::string& what);
  ~Error() override;

  Code code() const noexcept { return code_; }

 private:
  Code code_;
};

/// The request cannot be granted as it is; the same request would be refused again.
class GNOCCHI_API Refused : public std::runtime_error {
 public:
  enum class Reason {
    already_exists,
    still_in_use,
    no_such_parent,  ///< what the request builds on is not there; `subject` says what
    invalid_state,
    invalid_value,
  };
  /// What kind of thing `subject` names, so that the REST layer can choose status and text.
  enum class Subject {
    none,
    archive_policy,
    archive_policy_rule,
    resource_type,
    resource,
    metric,
    named_metric,
    attribute,
    pagination,
    operator_name,
  };

  /// `what`: Gnocchi's own sentence, for instance "Archive policy low does not exist".
  /// `name`: the thing meant, for structured error bodies.
  Refused(Reason reason, Subject subject, const std::string& what, std::string name = {});
  ~Refused() override;

  Reason reason() const noexcept { return reason_; }
  Subject subject() const noexcept { return subject_; }
  const std::string& name() const noexcept { return name_; }

 private:
  Reason reason_;
  Subject subject_;
  std::string name_;
};

/// "invalid_config", "unavailable", ...
GNOCCHI_API const char* to_string(Error::Code code) noexcept;

}  // namespace gnocchi
