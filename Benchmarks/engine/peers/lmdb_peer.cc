// LMDB: a B+tree in a file that is mapped. It has no filters, no block cache of its own and no compaction; the page
// cache is its memory.
#include "store.h"

#include <lmdb.h>
#include <sys/stat.h>

namespace {

void check(int status) {
    if (status != MDB_SUCCESS) fail(std::string("LMDB: ") + mdb_strerror(status));
}

MDB_val value_of(std::string_view bytes) { return {bytes.size(), const_cast<char *>(bytes.data())}; }

class LightningSession final : public Session {
public:
    LightningSession(MDB_env *environment, MDB_dbi database) : environment_(environment), database_(database) {
        check(mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reader_));
        mdb_txn_reset(reader_);
    }

    ~LightningSession() override { mdb_txn_abort(reader_); }

    // Whether commits are synced is a matter of the environment: see `open_store`.
    void put(std::string_view key, std::string_view value, bool) override {
        MDB_txn *transaction = nullptr;
        check(mdb_txn_begin(environment_, nullptr, 0, &transaction));
        put(transaction, key, value);
        check(mdb_txn_commit(transaction));
    }

    void write(const Batch &batch, bool) override {
        MDB_txn *transaction = nullptr;
        check(mdb_txn_begin(environment_, nullptr, 0, &transaction));
        for (const auto &[key, value] : batch) put(transaction, key, value);
        check(mdb_txn_commit(transaction));
    }

    void remove(std::string_view key, bool) override {
        MDB_txn *transaction = nullptr;
        check(mdb_txn_begin(environment_, nullptr, 0, &transaction));
        MDB_val name = value_of(key);
        const int status = mdb_del(transaction, database_, &name, nullptr);
        if (status != MDB_NOTFOUND) check(status);
        check(mdb_txn_commit(transaction));
    }

    bool get(std::string_view key, std::string &value) override {
        check(mdb_txn_renew(reader_));
        MDB_val name = value_of(key);
        MDB_val found;
        const int status = mdb_get(reader_, database_, &name, &found);
        if (status == MDB_SUCCESS) value.assign(static_cast<const char *>(found.mv_data), found.mv_size);
        mdb_txn_reset(reader_);
        if (status == MDB_NOTFOUND) return false;
        check(status);
        return true;
    }

    void scan(
        std::string_view from, size_t count,
        const std::function<void(std::string_view, std::string_view)> &visit) override {
        check(mdb_txn_renew(reader_));
        MDB_cursor *cursor = nullptr;
        check(mdb_cursor_open(reader_, database_, &cursor));
        MDB_val key = value_of(from);
        MDB_val value;
        int status = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        for (size_t i = 0; i < count && status == MDB_SUCCESS; i++) {
            visit(
                {static_cast<const char *>(key.mv_data), key.mv_size},
                {static_cast<const char *>(value.mv_data), value.mv_size});
            status = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        }
        mdb_cursor_close(cursor);
        mdb_txn_reset(reader_);
        if (status != MDB_NOTFOUND) check(status);
    }

private:
    void put(MDB_txn *transaction, std::string_view key, std::string_view value) {
        MDB_val name = value_of(key);
        MDB_val bytes = value_of(value);
        check(mdb_put(transaction, database_, &name, &bytes, 0));
    }

    MDB_env *environment_;
    MDB_dbi database_;
    MDB_txn *reader_ = nullptr;
};

class LightningStore final : public Store {
public:
    explicit LightningStore(const StoreSettings &settings) {
        if (settings.direct) fail("LMDB has no direct I/O");
        mkdir(settings.directory.c_str(), 0755);
        check(mdb_env_create(&environment_));
        check(mdb_env_set_mapsize(environment_, size_t{64} << 30));
        // More reader slots than any row has threads.
        check(mdb_env_set_maxreaders(environment_, 256));
        const unsigned flags = settings.synced ? MDB_NOTLS : MDB_NOTLS | MDB_NOSYNC;
        check(mdb_env_open(environment_, settings.directory.c_str(), flags, 0644));
        MDB_txn *transaction = nullptr;
        check(mdb_txn_begin(environment_, nullptr, 0, &transaction));
        check(mdb_dbi_open(transaction, nullptr, 0, &database_));
        check(mdb_txn_commit(transaction));
    }

    ~LightningStore() override { mdb_env_close(environment_); }

    std::unique_ptr<Session> session() override {
        return std::make_unique<LightningSession>(environment_, database_);
    }

    void settle() override {}

    std::string about() const override {
        int major = 0;
        int minor = 0;
        int patch = 0;
        mdb_version(&major, &minor, &patch);
        return "LMDB " + std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch) +
               " Debian, uncompressed";
    }

private:
    MDB_env *environment_ = nullptr;
    MDB_dbi database_ = 0;
};

}  // namespace

std::unique_ptr<Store> open_store(const StoreSettings &settings) {
    return std::make_unique<LightningStore>(settings);
}
