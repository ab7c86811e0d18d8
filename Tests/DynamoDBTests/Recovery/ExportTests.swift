import Bytes
import Compression
import Disk
import Encryption
import LabClock
import LogStore
import Testing

@testable import DynamoDB

@Suite struct ExportTests {
    @Test func anExportImportedAgainIsEqual() async throws {
        for seed: UInt64 in 1...3 {
            let lab = try await DynamoDBFixture(seed: seed)
            var random = SeededRandom(seed: seed)
            var model: TableModel = [:]
            try await lab.makeModelTable()
            try await lab.enableRecovery()
            var states: [Int64: TableModel] = [:]
            let first = lab.second
            for _ in 0..<60 {
                try await lab.change(&model, &random)
                states[lab.second] = model
                lab.time.advance(milliseconds: Int64(random.next() % 900))
            }
            for number in 0..<3 {
                let second = first + Int64(random.next() % UInt64(lab.second - first))
                let expected = states.filter { $0.key <= second }.max { $0.key < $1.key }?.value
                let id = try await lab.export(#","ExportTime":\#(second)"#)
                for _ in 0..<5 { try await lab.change(&model, &random) }
                states[lab.second] = model
                if number == 1 { try await lab.crash() }
                try await lab.runDue()
                try await lab.importModel("copy\(number)", prefix: "AWSDynamoDB/\(id)/data/", "GZIP")
                try await lab.runDue()
                #expect(try await lab.contents("copy\(number)") == expected)
                lab.time.advance(milliseconds: 1000)
            }
        }
    }

    @Test func everyTypeComesBackFromAnExport() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable(sort: "N")
        try await lab.enableRecovery()
        let items = [
            #""p":{"S":"a"},"s":{"N":"-1.5"},"b":{"B":"AAEC"},"e":{"S":""},"n":{"NULL":true},"t":{"BOOL":false}"#,
            #""p":{"S":"a\"\n\u00e9"},"s":{"N":"1E+30"},"l":{"L":[{"M":{"x":{"N":"7"}}},{"S":"y"}]}"#,
            #""p":{"S":"z"},"s":{"N":"0"},"ns":{"NS":["1","2"]},"ss":{"SS":["a","b"]},"bs":{"BS":["AA=="]}"#,
        ]
        for item in items { try await lab.put(item) }
        let id = try await lab.export()
        try await lab.runDue()
        try await lab.importTable(
            "copy", prefix: "AWSDynamoDB/\(id)/data/", "GZIP", format: "DYNAMODB_JSON",
            keys: #""KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}],"#
                + #""AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},"#
                + #"{"AttributeName":"s","AttributeType":"N"}]"#)
        try await lab.runDue()
        let original = try await lab.call(.scan, #"{"TableName":"tab"}"#)
        #expect(original.contains(#""Count":3"#))
        #expect(try await lab.call(.scan, #"{"TableName":"copy"}"#) == original)
    }

    @Test func anExportHasTheLayoutOfAWS() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.enableRecovery()
        try await lab.put(#""p":{"S":"a"},"v":{"N":"1"}"#)
        let id = try await lab.export(#","S3Prefix":"my/prefix""#)
        let arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/tab/export/\(id)"
        #expect(
            try await lab.call(.describeExport, #"{"ExportArn":"\#(arn)"}"#).member("ExportStatus") == "IN_PROGRESS")
        try await lab.runDue()
        let folder = "my/prefix/AWSDynamoDB/\(id)/"
        let keys = lab.objects.keys()
        let data = try #require(keys.first { $0.hasPrefix(folder + "data/") })
        #expect(
            Set(keys)
                == [
                    data, folder + "_started", folder + "manifest-files.json", folder + "manifest-files.md5",
                    folder + "manifest-summary.json", folder + "manifest-summary.md5",
                ])
        #expect(data.hasSuffix(".json.gz") && data.dropFirst(folder.count + 5).count == 26 + 8)
        #expect(try lab.lines(of: data) == [#"{"Item":{"p":{"S":"a"},"v":{"N":"1"}}}"#])
        let bytes = try #require(lab.objects[data])
        let line = lab.objects.text(folder + "manifest-files.json")
        #expect(line.member("itemCount") == "1")
        #expect(line.member("md5Checksum") == Base64.encode(Digest.md5(bytes)))
        #expect(line.member("dataFileS3Key") == data)
        let summary = lab.objects.text(folder + "manifest-summary.json")
        #expect(summary.member("version") == "2020-06-30")
        #expect(summary.member("exportArn") == arn)
        #expect(summary.member("exportTime") == "2023-11-14T22:13:20.000Z")
        #expect(summary.member("s3SseKmsKeyId") == "null")
        #expect(summary.member("manifestFilesS3Key") == folder + "manifest-files.json")
        #expect(summary.member("exportType") == "FULL_EXPORT")
        for name in ["manifest-files", "manifest-summary"] {
            let digest = Digest.md5(lab.objects[folder + name + ".json"] ?? [])
            #expect(lab.objects.text(folder + name + ".md5") == Base64.encode(digest))
        }
        let described = try await lab.call(.describeExport, #"{"ExportArn":"\#(arn)"}"#)
        #expect(described.member("ExportStatus") == "COMPLETED")
        #expect(described.member("ExportManifest") == folder + "manifest-summary.json")
        #expect(described.member("ItemCount") == "1")
        #expect(try await lab.keyCount(.catalog, [0x2D]) == 0)
        #expect(try await lab.keyCount(.catalog, [0x33]) == 0)
    }

    @Test func anIncrementalExportHasWhatChanged() async throws {
        for seed: UInt64 in 1...4 {
            let lab = try await DynamoDBFixture(seed: seed)
            var random = SeededRandom(seed: seed)
            var model: TableModel = [:]
            try await lab.makeModelTable()
            try await lab.enableRecovery()
            var states: [Int64: TableModel] = [lab.second: [:]]
            let first = lab.second
            var changed: [(second: Int64, key: String)] = []
            for _ in 0..<240 {
                let earlier = model
                try await lab.change(&model, &random)
                for key in Set(earlier.keys).union(model.keys) where earlier[key] != model[key] {
                    changed.append((lab.second, key))
                }
                states[lab.second] = model
                lab.time.advance(milliseconds: Int64(random.next() % 30_000))
            }
            let state = { (second: Int64) in
                states.filter { $0.key < second }.max { $0.key < $1.key }?.value ?? [:]
            }
            let from = first + Int64(random.next() % 600)
            let to = from + 900 + Int64(random.next() % 600)
            for view in ["NEW_IMAGE", "NEW_AND_OLD_IMAGES"] {
                let id = try await lab.export(
                    """
                    ,"S3Prefix":"\(view)","ExportType":"INCREMENTAL_EXPORT","IncrementalExportSpecification":
                    {"ExportFromTime":\(from),"ExportToTime":\(to),"ExportViewType":"\(view)"}
                    """)
                try await lab.change(&model, &random)
                try await lab.runDue()
                let found = try lab.objects.keys().filter { $0.hasPrefix("\(view)/AWSDynamoDB/data/") }
                    .flatMap { try lab.lines(of: $0) }
                let summary = lab.objects.text("\(view)/AWSDynamoDB/\(id)/manifest-summary.json")
                #expect(summary.member("version") == "2023-08-01")
                #expect(summary.member("outputView") == view)
                let (before, after) = (state(from), state(to))
                // Lines, and when their items were changed last.
                var expected: [String: Int64] = [:]
                for (second, key) in changed where (from..<to).contains(second) {
                    if before[key] == nil, after[key] == nil { continue }
                    let image = { (value: String) in #"{"p":{"S":"\#(key)"},"v":{"S":"\#(value)"}}"# }
                    var line = #""Keys":{"p":{"S":"\#(key)"}}"#
                    if view != "NEW_IMAGE", let old = before[key] { line += #","OldImage":"# + image(old) }
                    if let new = after[key] { line += #","NewImage":"# + image(new) }
                    expected[line + "}"] = second
                }
                var lines: [String: Int64] = [:]
                for line in found {
                    let parts = line.split(separator: "}},", maxSplits: 1).map(String.init)
                    let micros = try #require(parts[0].member("N").flatMap { Int64($0) })
                    lines[parts[1]] = micros / 1_000_000
                }
                #expect(lines == expected, "seed \(seed)")
            }
        }
    }

    /// Disabling recovery removed the second's entry; enabled again within the second, it needs another.
    @Test func anIncrementalExportHasTheSecondInWhichRecoveryBegan() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.enableRecovery()
        try await lab.put(#""p":{"S":"a"}"#)
        try await lab.disableRecovery()
        try await lab.enableRecovery()
        try await lab.put(#""p":{"S":"b"}"#)
        let from = lab.second
        lab.time.advance(milliseconds: 3_600_000)
        try await lab.put(#""p":{"S":"c"}"#)
        _ = try await lab.export(
            #","ExportType":"INCREMENTAL_EXPORT","IncrementalExportSpecification":{"ExportFromTime":\#(from)}"#)
        try await lab.runDue()
        let lines = try lab.objects.keys().filter { $0.contains("/data/") }.flatMap { try lab.lines(of: $0) }
        #expect(lines.count == 1)
        #expect(lines.first?.contains(#""Keys":{"p":{"S":"b"}}"#) == true)
    }

    @Test func anExportGoesOnAfterACrash() async throws {
        let lab = try await DynamoDBFixture(seed: 4)
        try await lab.makeTable()
        try await lab.enableRecovery()
        for number in 0..<600 { try await lab.put(#""p":{"S":"k\#(number)"}"#) }
        let id = try await lab.export()
        for number in 0..<200 {
            try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"k\#(number)"}}}"#)
        }
        let key = TimedID(.export, of: lab.table, text: id).key
        // One file, and all of the others after a crash.
        let entry = DueEntry(time: JobTurns.first, kind: .export, id: key)
        try await ExportWork(service: lab.service, fileBytesMax: 100).run([entry])
        let files = lab.objects.keys().filter { $0.contains("/data/") }
        #expect(files.count == 1)
        try await lab.crash()
        try await lab.runDue()
        let lines = try lab.objects.keys().filter { $0.contains("/data/") }.flatMap { try lab.lines(of: $0) }
        #expect(Set(lines).count == 600)
        #expect(lines.count == 600)
        #expect(lab.objects.text("AWSDynamoDB/\(id)/manifest-files.json").components(between: "{", and: "}").count == 2)
        #expect(lab.objects.text("AWSDynamoDB/\(id)/manifest-summary.json").member("itemCount") == "600")
    }

    /// The state of the store in which a file is not noted that is there.
    @Test func aFileThatWasNotNotedIsWrittenAgain() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.enableRecovery()
        for number in 0..<600 { try await lab.put(#""p":{"S":"k\#(number)"}"#) }
        let id = try await lab.export()
        let entry = DueEntry(time: JobTurns.first, kind: .export, id: TimedID(.export, of: lab.table, text: id).key)
        _ = try await lab.store.saveCheckpoint(named: "before", createdMilliseconds: 0)
        var written: [[String: [UInt8]]] = []
        for _ in 0..<2 {
            lab.time.advance(milliseconds: 5000)
            try await ExportWork(service: lab.service, fileBytesMax: 100).run([entry])
            let files = lab.objects.keys().filter { $0.contains("/data/") }
            written.append(Dictionary(uniqueKeysWithValues: files.map { ($0, lab.objects[$0] ?? []) }))
            _ = try await lab.store.restoreCheckpoint(named: "before", createdMilliseconds: 0)
        }
        #expect(written[0].count == 1)
        #expect(written[1] == written[0])
    }

    @Test func anExportIsAskedForOnce() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.enableRecovery()
        let id = try await lab.export(#","ClientToken":"token""#)
        lab.time.advance(milliseconds: 1000)
        #expect(try await lab.export(#","ClientToken":"token""#) == id)
        #expect(
            await lab.refusal(
                .exportTableToPointInTime, lab.exportRequest(#","S3Prefix":"other","ClientToken":"token""#))?
                .hasPrefix("ExportConflictException") == true)
        lab.time.advance(milliseconds: 8 * 3_600_000)
        #expect(try await lab.export(#","ClientToken":"token""#) != id)
        for _ in 0..<3 {
            lab.time.advance(milliseconds: 1)
            _ = try await lab.export()
        }
        try await lab.runDue()
        var found: [String] = []
        var token: String?
        repeat {
            let start = token.map { #","NextToken":"\#($0)""# } ?? ""
            let list = try await lab.call(.listExports, #"{"MaxResults":2\#(start)}"#)
            found += list.components(between: #""ExportArn":""#, and: "\"")
            token = list.member("NextToken")
        } while token != nil
        #expect(found.count == 5)
        #expect(Set(found).count == 5)
    }

    @Test func exportsThatCannotBeAreRefused() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        func refusal(_ more: String) async -> String? {
            await lab.refusal(.exportTableToPointInTime, lab.exportRequest(more))
        }
        #expect(await refusal("")?.hasPrefix("PointInTimeRecoveryUnavailableException") == true)
        try await lab.enableRecovery()
        #expect(
            await refusal(#","ExportFormat":"ION""#)
                == "ValidationException: ExportFormat ION is not supported by this server yet")
        #expect(await refusal(#","S3SseAlgorithm":"AES256""#)?.contains("S3SseAlgorithm") == true)
        #expect(
            await refusal(#","ExportTime":\#(lab.second - 1)"#)?.hasPrefix("InvalidExportTimeException") == true)
        #expect(
            await refusal(#","ExportTime":\#(lab.second + 1)"#)?.hasPrefix("InvalidExportTimeException") == true)
        let span = { (seconds: Int64) in
            #","ExportType":"INCREMENTAL_EXPORT","IncrementalExportSpecification":{"ExportFromTime":"#
                + #"\#(lab.second - seconds),"ExportToTime":\#(lab.second)}"#
        }
        lab.time.advance(milliseconds: 2 * 86_400_000)
        #expect(await refusal(span(899))?.hasPrefix("InvalidExportTimeException") == true)
        #expect(await refusal(span(86_401))?.hasPrefix("InvalidExportTimeException") == true)
        #expect(await refusal(span(900)) == nil)
        #expect(await refusal(#","ExportType":"INCREMENTAL_EXPORT""#)?.hasPrefix("ValidationException") == true)
        // Of a bucket that is not there, or another's, the export itself tells.
        try await lab.runDue()
        for (more, code) in [
            (#","S3Bucket":"nowhere""#, "S3NoSuchBucket"), (#","S3BucketOwner":"222222222222""#, "S3AccessDenied"),
        ] {
            let id = try await lab.export(more)
            try await lab.runDue()
            let described = try await lab.call(
                .describeExport,
                #"{"ExportArn":"arn:aws:dynamodb:eu-west-1:111111111111:table/tab/export/\#(id)"}"#)
            #expect(described.member("ExportStatus") == "FAILED")
            #expect(described.member("FailureCode") == code)
        }
        #expect(try await lab.keyCount(.catalog, [0x2D]) == 0)
        #expect(
            await lab.refusal(
                .describeExport,
                #"{"ExportArn":"arn:aws:dynamodb:eu-west-1:111111111111:table/tab/export/01700000000000-00000000"}"#)?
                .hasPrefix("ExportNotFoundException") == true)
    }
}
