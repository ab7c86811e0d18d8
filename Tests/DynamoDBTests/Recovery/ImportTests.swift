import Bytes
import Compression
import Disk
import LabClock
import LogStore
import Testing

@testable import DynamoDB

@Suite struct ImportTests {
    private static func compressed(_ text: String, _ type: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return switch type {
        case "GZIP": bytes.withUnsafeBytes { Gzip.compress($0) }
        case "ZSTD": Zstd.compress(bytes)
        default: bytes
        }
    }

    private static func line(_ key: String, _ value: String) -> String {
        #"{"Item":{"p":{"S":"\#(key)"},"v":{"S":"\#(value)"}}}"# + "\n"
    }

    @Test(arguments: ["NONE", "GZIP", "ZSTD"])
    func objectsOfEveryCompressionAreRead(compression: String) async throws {
        let lab = try await DynamoDBFixture()
        var model: TableModel = [:]
        for object in 0..<3 {
            var text = ""
            for number in 0..<200 {
                // Some keys come again: the later item stays.
                let key = "k\(object * 150 + number)"
                model[key] = "v\(object)-\(number)"
                text += Self.line(key, model[key] ?? "")
                if number % 50 == 0 { text += "\r\n" }
            }
            lab.objects["in/\(object)"] = Self.compressed(text, compression)
        }
        lab.objects["other/x"] = Array("none of it".utf8)
        let arn = try await lab.importModel("tab", prefix: "in/", compression)
        #expect(
            await lab.refusal(.scan, #"{"TableName":"tab"}"#)
                == "ResourceNotFoundException: Requested resource not found")
        try await lab.runDue()
        #expect(try await lab.contents("tab") == model)
        let described = try await lab.call(.describeImport, #"{"ImportArn":"\#(arn)"}"#)
        #expect(described.member("ImportStatus") == "COMPLETED")
        #expect(described.member("ErrorCount") == "0")
        #expect(described.member("ProcessedItemCount") == "600")
        #expect(described.member("ImportedItemCount") == "600")
        #expect(described.member("InputCompressionType") == compression)
        let table = try await lab.call(.describeTable, #"{"TableName":"tab"}"#)
        #expect(table.member("ItemCount") == String(model.count))
        #expect(table.member("TableStatus") == "ACTIVE")
    }

    @Test func anImportGoesOnAfterACrash() async throws {
        for compression in ["NONE", "ZSTD"] {
            let lab = try await DynamoDBFixture(seed: 6)
            var text = "p,v\n"
            var model: TableModel = [:]
            for number in 0..<300 {
                model["k\(number)"] = "v\(number)"
                text += "k\(number),v\(number)\n"
            }
            lab.objects["in/1"] = Self.compressed(text, compression)
            let arn = try await lab.importModel("tab", prefix: "in/", compression, format: "CSV")
            let id = try TimedID(.import, arn: arn, lab.me)
            for turn in 0..<3 {
                let work = ImportWork(service: lab.service, piecesMax: 2, pieceCountMax: 20)
                let time = LabTime(millisecondsSinceEpoch: Int64(turn))
                try await work.run([DueEntry(time: time, kind: .tableImport, id: id.key)])
                try await lab.crash()
            }
            try await lab.runDue()
            #expect(try await lab.contents("tab") == model)
            let described = try await lab.call(.describeImport, #"{"ImportArn":"\#(arn)"}"#)
            #expect(described.member("ImportStatus") == "COMPLETED")
            #expect(described.member("ImportedItemCount") == "300")
            #expect(described.member("ProcessedSizeBytes") == String(text.utf8.count))
            let table = try await lab.call(.describeTable, #"{"TableName":"tab"}"#)
            #expect(table.member("ItemCount") == "300")
        }
    }

    @Test func ofItemsWithOneKeyTheLastStays() async throws {
        let lab = try await DynamoDBFixture()
        let lines = (0..<50).map { Self.line("k\($0 % 7)", "v\($0)") }
        lab.objects["in/1"] = Array(lines.joined().utf8)
        try await lab.importModel("tab", prefix: "in/", "NONE")
        try await lab.runDue()
        let model = Dictionary(uniqueKeysWithValues: (43..<50).map { ("k\($0 % 7)", "v\($0)") })
        #expect(try await lab.contents("tab") == model)
        let table = try await lab.call(.describeTable, #"{"TableName":"tab"}"#)
        #expect(table.components(between: #""ItemCount":"#, and: ",").allSatisfy { $0.hasPrefix("7") })
    }

    @Test func recordsThatAreNoItemsAreCounted() async throws {
        let lab = try await DynamoDBFixture()
        lab.objects["in/1"] = Array(
            (Self.line("a", "x") + "{\n" + #"{"Item":{"v":{"S":"no key"}}}"# + "\n"
                + #"{"Item":{"p":{"N":"1"}}}"# + "\n" + #"{"Item":{"p":{"S":"b"},"v":{"N":"1"}}}"# + "\n"
                + #"{"Item":{"p":{"S":"c"},"v":{"S":"x"},"s":{"SS":[]}}}"# + "\n" + #"{"Other":{}}"# + "\n"
                + Self.line("d", "y").dropLast())
                .utf8)
        let arn = try await lab.importModel("tab", prefix: "in/", "NONE")
        try await lab.runDue()
        #expect(try await lab.contents("tab") == ["a": "x", "d": "y"])
        let described = try await lab.call(.describeImport, #"{"ImportArn":"\#(arn)"}"#)
        #expect(described.member("ImportStatus") == "FAILED")
        #expect(described.member("FailureCode") == "ItemValidationError")
        #expect(described.member("ErrorCount") == "6")
        #expect(described.member("ProcessedItemCount") == "8")
        #expect(described.member("ImportedItemCount") == "2")
    }

    @Test func rowsBecomeItems() async throws {
        let lab = try await DynamoDBFixture()
        let keys = """
            "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[
            {"AttributeName":"id","AttributeType":"N"},{"AttributeName":"tag","AttributeType":"S"}],
            "GlobalSecondaryIndexes":[{"IndexName":"byTag","KeySchema":[{"AttributeName":"tag","KeyType":"HASH"}],
            "Projection":{"ProjectionType":"ALL"}}]
            """
        lab.objects["a/1.csv"] = Array(
            ("id,tag,text\r\n1,x,plain\r\n2,,\"with, comma\"\r\n3,y,\"two\nlines \"\"quoted\"\"\"\r\n"
                + "4,z,\r\nfive,z,q\n6,z\n10,z,q,more\n").utf8)
        lab.objects["a/2.csv"] = Array("text,tag,id\nother,x,7".utf8)
        let arn = try await lab.importTable("one", prefix: "a/", "NONE", format: "CSV", keys: keys)
        try await lab.runDue()
        func item(_ id: Int, _ table: String) async throws -> String? {
            try await lab.get(#""id":{"N":"\#(id)"}"#, from: table)
        }
        #expect(try await item(1, "one") == #"{"id":{"N":"1"},"tag":{"S":"x"},"text":{"S":"plain"}}"#)
        #expect(try await item(2, "one") == #"{"id":{"N":"2"},"text":{"S":"with, comma"}}"#)
        #expect(
            try await item(3, "one") == #"{"id":{"N":"3"},"tag":{"S":"y"},"text":{"S":"two\nlines \"quoted\""}}"#)
        #expect(try await item(4, "one") == #"{"id":{"N":"4"},"tag":{"S":"z"},"text":{"S":""}}"#)
        #expect(try await item(7, "one") == #"{"id":{"N":"7"},"tag":{"S":"x"},"text":{"S":"other"}}"#)
        let described = try await lab.call(.describeImport, #"{"ImportArn":"\#(arn)"}"#)
        #expect(described.member("ErrorCount") == "3")
        lab.objects["b/1"] = Array("8|t|u\n9|t|v\n".utf8)
        try await lab.importTable(
            "two", prefix: "b/", "NONE", format: "CSV", keys: keys,
            more: #","InputFormatOptions":{"Csv":{"Delimiter":"|","HeaderList":["id","tag","text"]}}"#)
        try await lab.runDue()
        #expect(try await item(8, "two") == #"{"id":{"N":"8"},"tag":{"S":"t"},"text":{"S":"u"}}"#)
        #expect(try await item(9, "two") != nil)
    }

    @Test func whatCannotBeReadFailsTheImport() async throws {
        let lab = try await DynamoDBFixture()
        let whole = Self.compressed((0..<2000).map { Self.line("k\($0)", "\($0 &* 7919)") }.joined(), "GZIP")
        lab.objects["cut/1"] = Array(whole.dropLast(20))
        lab.objects["plain/1"] = Array(Self.line("a", "b").utf8)
        for (table, prefix, compression, code) in [
            ("cut", "cut/", "GZIP", "DecompressionError"), ("zst", "plain/", "ZSTD", "DecompressionError"),
        ] {
            let arn = try await lab.importModel(table, prefix: prefix, compression)
            try await lab.runDue()
            let described = try await lab.call(.describeImport, #"{"ImportArn":"\#(arn)"}"#)
            #expect(described.member("ImportStatus") == "FAILED")
            #expect(described.member("FailureCode") == code)
            #expect(
                try await lab.call(.describeTable, #"{"TableName":"\#(table)"}"#).member("TableStatus") == "ACTIVE")
        }
        let count = try await lab.contents("cut")?.count ?? 0
        #expect(count > 1000)
        lab.me.accountID = "222222222222"
        let arn = try await lab.importModel("tab", prefix: "plain/", "NONE")
        try await lab.runDue()
        #expect(
            try await lab.call(.describeImport, #"{"ImportArn":"\#(arn)"}"#).member("FailureCode")
                == "S3AccessDenied")
        // Nothing was read: there is no table then.
        #expect(
            await lab.refusal(.describeTable, #"{"TableName":"tab"}"#)?.hasPrefix("ResourceNotFoundException") == true)
        try await lab.makeTable("tab")
    }

    @Test func nothingToReadMakesAnEmptyTable() async throws {
        let lab = try await DynamoDBFixture()
        let arn = try await lab.importModel("tab", prefix: "nothing/", "NONE")
        try await lab.runDue()
        let described = try await lab.call(.describeImport, #"{"ImportArn":"\#(arn)"}"#)
        #expect(described.member("ImportStatus") == "COMPLETED")
        #expect(described.member("ProcessedItemCount") == "0")
        #expect(try await lab.contents("tab")?.count == 0)
    }

    @Test func severalItemsMayBeInOneLine() async throws {
        let lab = try await DynamoDBFixture()
        let lines = (0..<700).map { Self.line("k\($0)", #"a } and \\\" and {"#) }.map { $0.dropLast() }
        lab.objects["in/1"] = Array((lines.joined() + "  \r\n" + lines[0] + " x\n").utf8)
        let arn = try await lab.importModel("tab", prefix: "in/", "NONE")
        try await lab.runDue()
        let described = try await lab.call(.describeImport, #"{"ImportArn":"\#(arn)"}"#)
        #expect(described.member("ErrorCount") == "1")
        #expect(described.member("ProcessedItemCount") == "702")
        #expect(try await lab.contents("tab")?.count == 700)
    }

    @Test func importsThatCannotBeAreRefused() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable("present")
        lab.objects["in/1"] = Array(Self.line("a", "b").utf8)
        func refusal(_ table: String, _ format: String, _ more: String = "") async -> String? {
            do {
                try await lab.importModel(table, prefix: "in/", "NONE", format: format, more: more)
                return nil
            } catch {
                guard let error = error as? DynamoDBError else { return "\(error)" }
                return "\(error.code.rawValue): \(error.message ?? "")"
            }
        }
        #expect(
            await refusal("tab", "ION") == "ValidationException: InputFormat ION is not supported by this server yet")
        #expect(
            await refusal("present", "CSV") == "ResourceInUseException: Table already exists: present")
        #expect(
            await refusal("tab", "DYNAMODB_JSON", #","InputFormatOptions":{"Csv":{"Delimiter":";"}}"#)?
                .hasPrefix("ValidationException") == true)
        #expect(await refusal("tab", "DYNAMODB_JSON", #","ClientToken":"t""#) == nil)
        lab.time.advance(milliseconds: 10)
        #expect(await refusal("tab", "DYNAMODB_JSON", #","ClientToken":"t""#) == nil)
        #expect(
            await refusal("other", "DYNAMODB_JSON", #","ClientToken":"t""#)?.hasPrefix("ImportConflictException")
                == true)
        for table in ["one", "two", "six"] { #expect(await refusal(table, "DYNAMODB_JSON") == nil) }
        try await lab.runDue()
        var found: [String] = []
        var token: String?
        repeat {
            let start = token.map { #","NextToken":"\#($0)""# } ?? ""
            let list = try await lab.call(.listImports, #"{"PageSize":1\#(start)}"#)
            found += list.components(between: #""ImportArn":""#, and: "\"")
            token = list.member("NextToken")
        } while token != nil
        #expect(found.count == 4)
        #expect(Set(found).count == 4)
    }

    @Test(arguments: ["NONE", "GZIP", "ZSTD"])
    func recordsAreTheSameHoweverTheyAreCut(compression: String) async throws {
        var random = SeededRandom(seed: 3)
        let objects = MemoryObjects()
        let bucket = BucketAddress(name: "bucket", account: MemoryObjects.owner, region: "r")
        for round in 0..<6 {
            var lines: [String] = []
            for _ in 0..<(random.next() % 400) {
                lines.append(String(repeating: "x", count: Int(random.next() % (round == 0 ? 3 : 2000))))
            }
            let text = lines.map { $0 + "\n" }.joined()
            objects["key"] = Self.compressed(text, compression)
            let object = try #require(try await objects.list(bucket, prefix: "key", after: nil, limit: 1).first)
            func open() -> ObjectRecords {
                ObjectRecords(
                    objects, ObjectAddress(bucket, "key"), version: object.version, size: object.size,
                    compression: compression, isCSV: false)
            }
            var records = open()
            var found: [String] = []
            while let record = try await records.next() {
                guard case .bytes(let bytes) = record else { break }
                found.append(String(decoding: bytes, as: UTF8.self))
                if random.oneIn(20) {
                    // As after a restart.
                    let position = records.position
                    records = open()
                    try await records.skip(to: position)
                }
            }
            // Blank lines are between JSON records, and none.
            #expect(found == lines.filter { !$0.isEmpty })
            #expect(records.position == UInt64(text.utf8.count))
        }
    }

    @Test func aRecordThatIsTooLongIsPassedOver() async throws {
        let objects = MemoryObjects()
        let bucket = BucketAddress(name: "bucket", account: MemoryObjects.owner, region: "r")
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: ObjectRecords.recordBytesMax + 300_000)
        objects["key"] = Zstd.compress(Array("a\n".utf8) + long + Array("\nb\n".utf8))
        let object = try #require(try await objects.list(bucket, prefix: "key", after: nil, limit: 1).first)
        let records = ObjectRecords(
            objects, ObjectAddress(bucket, "key"), version: object.version, size: object.size, compression: "ZSTD",
            isCSV: false)
        var found: [String] = []
        while let record = try await records.next() {
            switch record {
            case .bytes(let bytes): found.append(String(decoding: bytes, as: UTF8.self))
            case .tooLong: found.append("long")
            }
        }
        #expect(found == ["a", "long", "b"])
    }
}
