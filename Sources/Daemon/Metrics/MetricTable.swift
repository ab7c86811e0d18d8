/// Every metric there is: its name, kind, labels and meaning. The text of `/_varve/metrics` and the list in
/// `docs/operations.md` come from here.
package enum Metric: String, CaseIterable, Sendable {
    case buildInformation = "varve_build_info"
    case httpRequests = "varve_http_requests_total"
    case httpDuration = "varve_http_request_duration_seconds"
    case httpRequestBytes = "varve_http_request_bytes_total"
    case httpResponseBytes = "varve_http_response_bytes_total"
    case httpConnections = "varve_http_connections"
    case offloadWaiting = "varve_offload_waiting"
    case offloadFinished = "varve_offload_finished_total"
    case logLinesDropped = "varve_log_lines_dropped_total"
    case processResidentBytes = "process_resident_memory_bytes"
    case processSeconds = "process_cpu_seconds_total"
    case processOpenFiles = "process_open_fds"
    case processOpenFilesMax = "process_max_fds"
    case processThreads = "process_threads"
    case processStart = "process_start_time_seconds"

    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package struct Declaration: Sendable {
        package var kind: Kind
        package var labels: [String] = []
        package var help: String
    }

    package var declaration: Declaration {
        switch self {
        case .buildInformation:
            Declaration(kind: .gauge, labels: ["version"], help: "Always 1; the label says which version runs.")
        case .httpRequests:
            Declaration(
                kind: .counter, labels: ["service", "operation", "code"],
                help: "Requests answered, by service, operation and class of status.")
        case .httpDuration:
            Declaration(
                kind: .histogram, labels: ["service", "operation"],
                help: "Seconds from the head of a request to the end of its answer.")
        case .httpRequestBytes:
            Declaration(kind: .counter, labels: ["service"], help: "Bytes of request bodies read.")
        case .httpResponseBytes:
            Declaration(kind: .counter, labels: ["service"], help: "Bytes of response bodies written.")
        case .httpConnections: Declaration(kind: .gauge, help: "Connections open now.")
        case .offloadWaiting: Declaration(kind: .gauge, help: "Pieces of blocking work that wait for a thread.")
        case .offloadFinished: Declaration(kind: .counter, help: "Pieces of blocking work done.")
        case .logLinesDropped:
            Declaration(kind: .counter, help: "Log lines lost because their reader was too slow or a write failed.")
        case .processResidentBytes: Declaration(kind: .gauge, help: "Resident memory in bytes.")
        case .processSeconds: Declaration(kind: .counter, help: "Seconds of processor time, user and system.")
        case .processOpenFiles: Declaration(kind: .gauge, help: "Open file descriptors.")
        case .processOpenFilesMax: Declaration(kind: .gauge, help: "The limit of open file descriptors.")
        case .processThreads: Declaration(kind: .gauge, help: "Threads.")
        case .processStart: Declaration(kind: .gauge, help: "When the process started, in seconds since 1970.")
        }
    }
}
