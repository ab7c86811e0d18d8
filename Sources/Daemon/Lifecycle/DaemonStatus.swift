private import LogStore

/// What `GET /_varve/admin/status` tells.
struct DaemonStatus: Sendable {
    let parts: DaemonParts

    /// The state of the moment as one JSON object.
    var json: String {
        let configuration = parts.configuration
        let uptimeMilliseconds = SystemClock.realMilliseconds() - parts.startMilliseconds
        let offload = parts.driver.offloadCounts
        let fields: [(String, String)] = [
            ("version", JSONText.quoted(VarveVersion.current)),
            ("pid", String(ProcessIdentity.processID)),
            ("uptime_seconds", String(max(0, uptimeMilliseconds / 1000))),
            ("endpoint", JSONText.quoted(parts.state.withLock { $0.endpoint })),
            ("data_dir", JSONText.quoted(configuration.dataDirectory)),
            ("durability", JSONText.quoted(DurabilityText(configuration.durability).description)),
            ("auth", JSONText.quoted(configuration.verifiesSignatures ? "strict" : "relaxed")),
            ("memory_budget_bytes", String(configuration.memoryBudgetBytes)),
            ("clock", parts.lab.json),
            ("offload_waiting", String(offload.waiting)),
            ("offload_finished", String(offload.finished)),
            ("store", StoreStatus.json(parts.store)),
        ]
        return "{" + fields.map { "\(JSONText.quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }
}
