// The workloads, in db_bench's and YCSB's vocabulary.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store.h"

struct Plan {
    // Keys of the store: the numbers 0..<keys.
    uint64_t keys = 1000000;
    size_t value_bytes = 100;
    uint64_t seed = 1;
};

// Opens the store, runs the workloads in order, closes it.
void run_workloads(const StoreSettings &settings, const Plan &plan, const std::vector<std::string> &names);
