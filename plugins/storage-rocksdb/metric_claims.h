#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "gnocchi/types.h"

namespace gnocchi::rocks {

/// Makes writers of one metric come one after the other, and keeps those of different metrics from
/// waiting for each other. Any thread.
class MetricClaims {
 public:
  /// The metrics of one call, claimed together; given back by the destructor.
  class Held {
   public:
    Held(MetricClaims& claims, std::vector<MetricId> metrics);
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    bool overlaps(const Held& other) const;

    MetricClaims& claims_;
    std::vector<MetricId> metrics_;  ///< ascending
  };

 private:
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<const Held*> held_;  ///< as many as there are writers at work
};

}  // namespace gnocchi::rocks
