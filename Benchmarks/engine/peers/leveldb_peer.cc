// LevelDB through its C API, with its defaults but for the memory and the filter that the run fixes for everybody.
#include "store.h"

#include <leveldb/c.h>
#include <unistd.h>

#include "process.h"

namespace {

void check(char *error) {
    if (error != nullptr) fail(std::string("LevelDB: ") + error);
}

class LevelSession final : public Session {
public:
    explicit LevelSession(leveldb_t *database) : database_(database) { leveldb_writeoptions_set_sync(synced_, 1); }

    ~LevelSession() override {
        leveldb_readoptions_destroy(read_);
        leveldb_writeoptions_destroy(synced_);
        leveldb_writeoptions_destroy(unsynced_);
    }

    void put(std::string_view key, std::string_view value, bool sync) override {
        char *error = nullptr;
        leveldb_put(
            database_, sync ? synced_ : unsynced_, key.data(), key.size(), value.data(), value.size(), &error);
        check(error);
    }

    void write(const Batch &batch, bool sync) override {
        leveldb_writebatch_t *all = leveldb_writebatch_create();
        for (const auto &[key, value] : batch) {
            leveldb_writebatch_put(all, key.data(), key.size(), value.data(), value.size());
        }
        char *error = nullptr;
        leveldb_write(database_, sync ? synced_ : unsynced_, all, &error);
        leveldb_writebatch_destroy(all);
        check(error);
    }

    void remove(std::string_view key, bool sync) override {
        char *error = nullptr;
        leveldb_delete(database_, sync ? synced_ : unsynced_, key.data(), key.size(), &error);
        check(error);
    }

    bool get(std::string_view key, std::string &value) override {
        char *error = nullptr;
        size_t length = 0;
        char *found = leveldb_get(database_, read_, key.data(), key.size(), &length, &error);
        check(error);
        if (found == nullptr) return false;
        value.assign(found, length);
        leveldb_free(found);
        return true;
    }

    void scan(
        std::string_view from, size_t count,
        const std::function<void(std::string_view, std::string_view)> &visit) override {
        leveldb_iterator_t *iterator = leveldb_create_iterator(database_, read_);
        leveldb_iter_seek(iterator, from.data(), from.size());
        for (size_t i = 0; i < count && leveldb_iter_valid(iterator); i++) {
            size_t key_length = 0;
            size_t value_length = 0;
            const char *key = leveldb_iter_key(iterator, &key_length);
            const char *value = leveldb_iter_value(iterator, &value_length);
            visit({key, key_length}, {value, value_length});
            leveldb_iter_next(iterator);
        }
        char *error = nullptr;
        leveldb_iter_get_error(iterator, &error);
        leveldb_iter_destroy(iterator);
        check(error);
    }

private:
    leveldb_t *database_;
    leveldb_readoptions_t *read_ = leveldb_readoptions_create();
    leveldb_writeoptions_t *synced_ = leveldb_writeoptions_create();
    leveldb_writeoptions_t *unsynced_ = leveldb_writeoptions_create();
};

class LevelStore final : public Store {
public:
    explicit LevelStore(const StoreSettings &settings) {
        if (settings.direct) fail("LevelDB has no direct I/O");
        options_ = leveldb_options_create();
        cache_ = leveldb_cache_create_lru(settings.cache_bytes);
        filter_ = leveldb_filterpolicy_create_bloom(10);
        leveldb_options_set_create_if_missing(options_, 1);
        leveldb_options_set_cache(options_, cache_);
        leveldb_options_set_filter_policy(options_, filter_);
        leveldb_options_set_write_buffer_size(options_, settings.memtable_bytes);
        char *error = nullptr;
        database_ = leveldb_open(options_, settings.directory.c_str(), &error);
        check(error);
    }

    ~LevelStore() override {
        leveldb_close(database_);
        leveldb_options_destroy(options_);
        leveldb_cache_destroy(cache_);
        leveldb_filterpolicy_destroy(filter_);
    }

    std::unique_ptr<Session> session() override { return std::make_unique<LevelSession>(database_); }

    void settle() override {
        // LevelDB tells nobody whether it compacts: settled is when the process neither computes nor writes.
        uint64_t before = activity();
        for (int quiet = 0; quiet < 3; quiet++) {
            usleep(100000);
            const uint64_t now = activity();
            if (now != before) quiet = -1;
            before = now;
        }
    }

    std::string about() const override {
        return "LevelDB " + std::to_string(leveldb_major_version()) + "." + std::to_string(leveldb_minor_version()) +
               " Debian, Snappy";
    }

private:
    // Written bytes, and processor time in units that looking takes none of.
    static uint64_t activity() { return written_bytes() + cpu_us() / 10000; }

    leveldb_t *database_ = nullptr;
    leveldb_options_t *options_ = nullptr;
    leveldb_cache_t *cache_ = nullptr;
    leveldb_filterpolicy_t *filter_ = nullptr;
};

}  // namespace

std::unique_ptr<Store> open_store(const StoreSettings &settings) { return std::make_unique<LevelStore>(settings); }
