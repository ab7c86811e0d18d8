#include "workloads.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "content.h"
#include "measure.h"

namespace {

// One workload with its options.
struct Workload {
    std::string name;
    std::map<std::string, std::string> options;

    explicit Workload(const std::string &text) {
        size_t start = 0;
        while (start <= text.size()) {
            const size_t end = std::min(text.find(':', start), text.size());
            const std::string part = text.substr(start, end - start);
            const size_t equals = part.find('=');
            if (start == 0) {
                name = part;
            } else if (equals == std::string::npos) {
                options[part] = "1";
            } else {
                options[part.substr(0, equals)] = part.substr(equals + 1);
            }
            start = end + 1;
        }
    }

    bool has(const std::string &option) const { return options.count(option) != 0; }

    uint64_t number(const std::string &option, uint64_t otherwise) const {
        const auto found = options.find(option);
        return found == options.end() ? otherwise : strtoull(found->second.c_str(), nullptr, 10);
    }

    double seconds() const {
        const auto found = options.find("seconds");
        return found == options.end() ? 0 : strtod(found->second.c_str(), nullptr);
    }

    // `otherwise` operations when neither a number nor a time is given.
    Extent extent(uint64_t otherwise) const {
        if (seconds() > 0) return {0, seconds()};
        return {number("ops", otherwise), 0};
    }

    // What its line is called: two runs of one workload need two names.
    std::string label() const {
        const auto found = options.find("as");
        return found == options.end() ? name : found->second;
    }

    size_t threads() const { return number("threads", 1); }
};

// What one thread works with.
struct Worker {
    size_t index;
    Session &session;
    Recorder &recorder;
    Random random;
    std::string key;
    std::string value;
};

class Runner {
public:
    Runner(Store &store, const Plan &plan)
        : store_(store), plan_(plan), values_(plan.value_bytes), shuffle_(plan.keys) {}

    void run(const Workload &workload) {
        const std::string &name = workload.name;
        if (name == "fillseq") return fill(workload, [](uint64_t i, Random &) { return i; });
        if (name == "load") return fill(workload, [this](uint64_t i, Random &) { return shuffle_(i); });
        if (name == "fillrandom" || name == "overwrite" || name == "fillsync") {
            return fill(workload, [this](uint64_t, Random &random) { return random.below(plan_.keys); });
        }
        if (name == "readrandom") return read(workload, false);
        if (name == "readmissing") return read(workload, true);
        if (name == "seekrandom") return seek(workload);
        if (name == "readwhilewriting") return read_while_writing(workload);
        if (name.rfind("ycsb-", 0) == 0 && name.size() == 6) return ycsb(workload, name[5]);
        if (name == "transactions") return transactions(workload);
        if (name == "warm") return warm(workload);
        if (name == "fillend") return fill_end(workload);
        if (name == "deleteall") return delete_all(workload);
        if (name == "listfirst") return list_first(workload);
        if (name == "settle") return settle(workload);
        if (name == "kill") {
            fflush(stdout);
            raise(SIGKILL);
        }
        fail("unknown workload " + name);
    }

private:
    using Body = std::function<void(Worker &)>;

    // Runs `body` on threads until the extent is used up, and prints what was measured.
    //
    // `writes`: whether the time until background work has settled belongs to the result.
    void measure(
        const Workload &workload, size_t threads, Extent extent, bool writes, const Body &prepare_and_step,
        const Body &background = nullptr) {
        reset_peak_resident();
        const uint64_t written_before = written_bytes();
        const uint64_t cpu_before = cpu_us();
        const uint64_t start = now_ns();
        std::vector<std::unique_ptr<Session>> sessions;
        std::vector<std::unique_ptr<Recorder>> recorders;
        std::vector<std::thread> running;
        const size_t all = threads + (background ? 1 : 0);
        for (size_t i = 0; i < all; i++) {
            sessions.push_back(store_.session());
            const uint64_t share = extent.operations / threads + (i < extent.operations % threads ? 1 : 0);
            recorders.push_back(std::make_unique<Recorder>(start, extent, extent.operations == 0 ? UINT64_MAX : share));
        }
        stop_ = false;
        for (size_t i = 0; i < all; i++) {
            running.emplace_back([&, i] {
                Worker worker{i, *sessions[i], *recorders[i], Random(plan_.seed * 1000003 + i), "", ""};
                worker.recorder.skip_to_now();
                if (i < threads) {
                    while (worker.recorder.goes_on()) {
                        prepare_and_step(worker);
                        worker.recorder.note();
                    }
                } else {
                    while (!stop_) background(worker);
                }
            });
        }
        for (size_t i = 0; i < threads; i++) running[i].join();
        stop_ = true;
        const uint64_t acknowledged = now_ns();
        for (size_t i = threads; i < all; i++) running[i].join();
        if (writes) store_.settle();
        const uint64_t settled = now_ns();
        print(
            workload, threads, recorders, start, acknowledged, settled, writes, written_bytes() - written_before,
            cpu_us() - cpu_before);
    }

    void print(
        const Workload &workload, size_t threads, const std::vector<std::unique_ptr<Recorder>> &recorders,
        uint64_t start, uint64_t acknowledged, uint64_t settled, bool writes, uint64_t written, uint64_t cpu) const {
        Histogram histogram;
        std::vector<uint32_t> windows;
        uint64_t operations = 0, found = 0, verified = 0, key_sum = 0;
        for (size_t i = 0; i < recorders.size(); i++) {
            const Recorder &recorder = *recorders[i];
            verified += recorder.verified;
            if (i >= threads) continue;
            histogram.merge(recorder.histogram);
            operations += recorder.operations;
            found += recorder.found;
            key_sum += recorder.key_sum;
            if (windows.size() < recorder.windows.size()) windows.resize(recorder.windows.size());
            for (size_t w = 0; w < recorder.windows.size(); w++) windows[w] += recorder.windows[w];
        }
        const double busy = static_cast<double>(acknowledged - start) / 1e9;
        const double whole = static_cast<double>(settled - start) / 1e9;
        // The last window is cut short by the end.
        const auto full = static_cast<size_t>((acknowledged - start) / Recorder::window_ns);
        size_t idle = 0;
        for (size_t w = 0; w < full; w++) idle += w >= windows.size() || windows[w] == 0 ? 1 : 0;
        const double background =
            recorders.size() > threads ? static_cast<double>(recorders.back()->operations) / busy : 0;
        printf(
            "{\"workload\": \"%s\", \"operations\": %llu, \"seconds\": %.6f, \"settled_seconds\": %.6f, "
            "\"operations_per_second\": %.3f, \"acknowledged_per_second\": %.3f, \"p50_us\": %.3f, \"p99_us\": %.3f, "
            "\"p999_us\": %.3f, \"max_us\": %.3f, \"windows\": %zu, \"idle_windows\": %zu, \"written_bytes\": %llu, "
            "\"user_bytes\": %llu, \"peak_resident_bytes\": %llu, \"found\": %llu, \"verified\": %llu, "
            "\"key_sum\": %llu, \"background_per_second\": %.3f, \"cpu_us\": %.4f}\n",
            workload.label().c_str(), static_cast<unsigned long long>(operations), busy, whole,
            static_cast<double>(operations) / (writes ? whole : busy), static_cast<double>(operations) / busy,
            histogram.percentile(0.5), histogram.percentile(0.99), histogram.percentile(0.999),
            histogram.percentile(1 - 1e-9), full, idle, static_cast<unsigned long long>(written),
            static_cast<unsigned long long>(writes ? operations * (16 + plan_.value_bytes) : 0),
            static_cast<unsigned long long>(peak_resident_bytes()), static_cast<unsigned long long>(found),
            static_cast<unsigned long long>(verified), static_cast<unsigned long long>(key_sum), background,
            static_cast<double>(cpu) / static_cast<double>(std::max<uint64_t>(1, operations)));
        fflush(stdout);
    }

    void put(Worker &worker, uint64_t number, bool sync) {
        make_key(worker.key, number);
        values_.make(worker.value, number, worker.random);
        worker.session.put(worker.key, worker.value, sync);
        worker.recorder.key_sum += number;
    }

    // Reads a key and checks the value: all of it one time in 64.
    void get(Worker &worker, uint64_t number, bool missing = false) {
        make_key(worker.key, number, missing);
        worker.recorder.key_sum += number;
        if (!worker.session.get(worker.key, worker.value)) return;
        const bool whole = worker.recorder.operations % 64 == 0;
        if (missing || !values_.fits(worker.value, number, whole)) fail("a wrong value was read");
        worker.recorder.found++;
        if (whole) worker.recorder.verified++;
    }

    void scan(Worker &worker, uint64_t number, size_t count) {
        make_key(worker.key, number);
        worker.recorder.key_sum += number;
        uint64_t least = number;
        const bool whole = worker.recorder.operations % 64 == 0;
        worker.session.scan(worker.key, count, [&](std::string_view key, std::string_view value) {
            const uint64_t found = key_number(key);
            if (found < least || !values_.fits(value, found, whole)) fail("a scan returned what it should not");
            least = found + 1;
            worker.recorder.found++;
            if (whole) worker.recorder.verified++;
        });
    }

    void fill(const Workload &workload, const std::function<uint64_t(uint64_t, Random &)> &choose) {
        const bool sync = workload.has("sync");
        const size_t threads = workload.threads();
        measure(workload, threads, workload.extent(plan_.keys), true, [&](Worker &worker) {
            // Threads interleave, so that together they go through the whole order.
            const uint64_t index = worker.recorder.operations * threads + worker.index;
            put(worker, choose(index % plan_.keys, worker.random), sync);
        });
    }

    void read(const Workload &workload, bool missing) {
        measure(workload, workload.threads(), workload.extent(plan_.keys), false, [&](Worker &worker) {
            get(worker, worker.random.below(plan_.keys), missing);
        });
    }

    void seek(const Workload &workload) {
        measure(workload, workload.threads(), workload.extent(plan_.keys), false, [&](Worker &worker) {
            // The key itself and ten more.
            scan(worker, worker.random.below(plan_.keys), 11);
        });
    }

    // Readers as fast as they can, and one writer at a fixed rate.
    void read_while_writing(const Workload &workload) {
        const uint64_t rate = workload.number("rate", 10000);
        const uint64_t start = now_ns();
        measure(
            workload, workload.threads(), workload.extent(plan_.keys), false,
            [&](Worker &worker) { get(worker, worker.random.below(plan_.keys)); },
            [&](Worker &worker) {
                const uint64_t due = start + (worker.recorder.operations + 1) * 1000000000 / rate;
                const uint64_t now = now_ns();
                if (now < due) usleep(static_cast<useconds_t>((due - now) / 1000 + 1));
                put(worker, worker.random.below(plan_.keys), false);
                worker.recorder.note();
            });
    }

    void ycsb(const Workload &workload, char letter) {
        const Zipfian zipfian(plan_.keys);
        std::atomic<uint64_t> end{plan_.keys};
        const bool sync = workload.has("sync");
        measure(workload, workload.threads(), workload.extent(plan_.keys), false, [&](Worker &worker) {
            const double dice = worker.random.fraction();
            const double reads = letter == 'a' || letter == 'f' ? 0.5 : letter == 'c' ? 1 : 0.95;
            if (letter == 'd') {
                // Reads the latest: the favourite is the newest. Insertions may be ahead of what can be read.
                if (dice >= reads) return put(worker, end.fetch_add(1), sync);
                return get(worker, end.load() - 1 - zipfian.rank(worker.random));
            }
            const uint64_t number = zipfian.scrambled(worker.random);
            if (letter == 'e') {
                if (dice >= reads) return put(worker, end.fetch_add(1), sync);
                return scan(worker, number, 1 + worker.random.below(100));
            }
            if (dice < reads || letter == 'f') get(worker, number);
            if (dice >= reads) put(worker, number, sync);
        });
    }

    // One thread commits 25 keys at a time, the others one key at a time; only the 25s are counted.
    void transactions(const Workload &workload) {
        const bool sync = workload.has("sync");
        const size_t singles = workload.threads();
        std::vector<std::thread> writers;
        std::atomic<bool> ends{false};
        std::atomic<uint64_t> written{0};
        const uint64_t begun = now_ns();
        for (size_t i = 0; i < singles; i++) {
            writers.emplace_back([&, i] {
                auto session = store_.session();
                Random random(plan_.seed * 7919 + i);
                std::string key, value;
                while (!ends) {
                    const uint64_t number = random.below(plan_.keys);
                    make_key(key, number);
                    values_.make(value, number, random);
                    session->put(key, value, sync);
                    written++;
                }
            });
        }
        measure(workload, 1, workload.extent(1000), false, [&](Worker &worker) {
            Batch batch(25);
            for (auto &[key, value] : batch) {
                const uint64_t number = worker.random.below(plan_.keys);
                make_key(key, number);
                values_.make(value, number, worker.random);
            }
            worker.session.write(batch, sync);
        });
        printf(
            "{\"workload\": \"singles\", \"operations_per_second\": %.3f}\n",
            static_cast<double>(written) * 1e9 / static_cast<double>(now_ns() - begun));
        ends = true;
        for (auto &writer : writers) writer.join();
    }

    // Reads everything once, in order: fills the caches.
    void warm(const Workload &workload) {
        measure(workload, 1, {1, 0}, false, [&](Worker &worker) { scan(worker, 0, SIZE_MAX); });
    }

    void delete_all(const Workload &workload) {
        measure(workload, 1, {plan_.keys, 0}, false, [&](Worker &worker) {
            make_key(worker.key, worker.recorder.operations);
            worker.session.remove(worker.key, false);
        });
    }

    // Keys behind all others, as many as a listing returns.
    void fill_end(const Workload &workload) {
        measure(workload, 1, {1000, 0}, false, [&](Worker &worker) {
            put(worker, plan_.keys + worker.recorder.operations, false);
        });
    }

    // Lists the first 1,000 keys.
    void list_first(const Workload &workload) {
        measure(workload, 1, workload.extent(100), false, [&](Worker &worker) { scan(worker, 0, 1000); });
    }

    void settle(const Workload &workload) {
        measure(workload, 1, {1, 0}, true, [](Worker &) {});
    }

    Store &store_;
    const Plan &plan_;
    Values values_;
    Shuffle shuffle_;
    std::atomic<bool> stop_{false};
};

}  // namespace

void run_workloads(const StoreSettings &settings, const Plan &plan, const std::vector<std::string> &names) {
    const uint64_t begun = now_ns();
    const std::unique_ptr<Store> store = open_store(settings);
    printf(
        "{\"workload\": \"open\", \"seconds\": %.6f, \"about\": \"%s\", \"peak_resident_bytes\": %llu}\n",
        static_cast<double>(now_ns() - begun) / 1e9, store->about().c_str(),
        static_cast<unsigned long long>(peak_resident_bytes()));
    fflush(stdout);
    Runner runner(*store, plan);
    for (const std::string &name : names) runner.run(Workload(name));
}
