import Testing

@testable import Daemon

@Suite struct MetricTests {
    private func render(_ samples: MetricSamples) -> String {
        String(decoding: PrometheusText.render(samples), as: UTF8.self)
    }

    @Test(arguments: Metric.allCases)
    func everyMetricIsNamedAndExplained(metric: Metric) {
        let declaration = metric.declaration
        let mayBeNamedSo = metric.rawValue.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        #expect(mayBeNamedSo)
        #expect(metric.rawValue.hasSuffix("_total") == (declaration.kind == .counter))
        #expect(declaration.help.hasSuffix("."))
        #expect(!declaration.help.contains("\n"))
    }

    @Test func numbersAreWrittenInTheFormOfPrometheus() {
        var samples = MetricSamples()
        samples.add(.httpRequests, labels: ["s3", "PutObject", "2xx"], 12)
        samples.add(.httpRequests, labels: ["s3", "GetObject", "4xx"], 1)
        samples.add(.processSeconds, 0.25)
        #expect(
            render(samples) == """
                # HELP varve_http_requests_total Requests answered, by service, operation and class of status.
                # TYPE varve_http_requests_total counter
                varve_http_requests_total{service="s3",operation="GetObject",code="4xx"} 1
                varve_http_requests_total{service="s3",operation="PutObject",code="2xx"} 12
                # HELP process_cpu_seconds_total Seconds of processor time, user and system.
                # TYPE process_cpu_seconds_total counter
                process_cpu_seconds_total 0.25

                """)
    }

    @Test func histogramsAreCumulative() {
        var samples = MetricSamples()
        samples.add(
            .httpDuration, labels: ["s3", "GetObject"],
            MetricSamples.Histogram(bounds: [0.001, 0.1], counts: [3, 2, 1], sum: 1.5))
        let labels = #"service="s3",operation="GetObject""#
        let text = render(samples)
        #expect(text.contains("varve_http_request_duration_seconds_bucket{\(labels),le=\"0.001\"} 3\n"))
        #expect(text.contains("varve_http_request_duration_seconds_bucket{\(labels),le=\"0.1\"} 5\n"))
        #expect(text.contains("varve_http_request_duration_seconds_bucket{\(labels),le=\"+Inf\"} 6\n"))
        #expect(text.contains("varve_http_request_duration_seconds_sum{\(labels)} 1.5\n"))
        #expect(text.contains("varve_http_request_duration_seconds_count{\(labels)} 6\n"))
    }

    @Test func labelsAreEscaped() {
        var samples = MetricSamples()
        samples.add(.buildInformation, labels: ["a\"b\\c\nd"], 1)
        #expect(render(samples).contains(#"varve_build_info{version="a\"b\\c\nd"} 1"#))
    }

    @Test func requestsOfAllShardsAddUp() {
        let metrics = RequestMetrics(shardCount: 3)
        for shard in UInt(0)..<9 {
            for (operation, status) in [("GetObject", 2), ("GetObject", 4), ("PutObject", 2)] {
                metrics.record(
                    RequestMetrics.Key(service: "s3", operation: operation, statusClass: status),
                    nanoseconds: 150_000, requestBytes: 10, responseBytes: 100, shard: shard)
            }
        }
        var samples = MetricSamples()
        metrics.collect(into: &samples)
        let text = render(samples)
        #expect(text.contains(#"varve_http_requests_total{service="s3",operation="GetObject",code="4xx"} 9"#))
        #expect(text.contains(#"_duration_seconds_count{service="s3",operation="GetObject"} 18"#))
        #expect(text.contains(#"_bucket{service="s3",operation="PutObject",le="0.0001"} 0"#))
        #expect(text.contains(#"_bucket{service="s3",operation="PutObject",le="0.0002"} 9"#))
        #expect(text.contains(#"varve_http_request_bytes_total{service="s3"} 270"#))
        #expect(text.contains(#"varve_http_response_bytes_total{service="s3"} 2700"#))
    }

    @Test func theProcessIsMeasured() {
        var samples = MetricSamples()
        ProcessMetrics(startMilliseconds: 1500).collect(into: &samples)
        let text = render(samples)
        #expect(text.contains("process_start_time_seconds 1.5\n"))
        for metric in [Metric.processResidentBytes, .processOpenFiles, .processOpenFilesMax, .processThreads] {
            let line = text.split(separator: "\n").first { $0.hasPrefix(metric.rawValue + " ") }
            #expect((line?.split(separator: " ").last.flatMap { Double($0) } ?? 0) > 0, "\(metric)")
        }
    }
}
