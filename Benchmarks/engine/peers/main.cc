// Runs workloads one after the other on one store and prints a line of JSON for each.
//
//     peer DIRECTORY [--keys N] [--value-bytes N] [--memtable-bytes N] [--cache-bytes N] [--direct] [--synced]
//          [--seed N] WORKLOAD...
//
// A workload is a name with options: `readrandom:threads=2:seconds=3`. `workloads.cc` has the names.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "workloads.h"

void fail(const std::string &why) {
    fprintf(stderr, "%s\n", why.c_str());
    // Not `exit`: other threads may be inside the store.
    _exit(1);
}

int main(int count, char **arguments) {
    StoreSettings settings;
    Plan plan;
    std::vector<std::string> names;
    for (int i = 1; i < count; i++) {
        const std::string argument = arguments[i];
        const auto number = [&] {
            if (++i >= count) fail(argument + " needs a number");
            return strtoull(arguments[i], nullptr, 10);
        };
        if (argument == "--keys") {
            plan.keys = number();
        } else if (argument == "--value-bytes") {
            plan.value_bytes = number();
        } else if (argument == "--memtable-bytes") {
            settings.memtable_bytes = number();
        } else if (argument == "--cache-bytes") {
            settings.cache_bytes = number();
        } else if (argument == "--seed") {
            plan.seed = number();
        } else if (argument == "--direct") {
            settings.direct = true;
        } else if (argument == "--synced") {
            settings.synced = true;
        } else if (argument.rfind("--", 0) == 0) {
            fail("unknown option " + argument);
        } else if (settings.directory.empty()) {
            settings.directory = argument;
        } else {
            names.push_back(argument);
        }
    }
    if (names.empty()) fail("usage: peer DIRECTORY [OPTIONS] WORKLOAD...");
    run_workloads(settings, plan, names);
    return 0;
}
