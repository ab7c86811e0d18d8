import Items

/// A record in the form of an item: named fields, so that later versions can add some.
struct RecordWriter: ~Copyable {
    private var builder = ValueBuilder()
    private var item: ValueBuilder.Open

    init() { item = builder.beginItem() }

    mutating func set(_ name: String, _ value: String?) {
        guard let value else { return }
        builder.appendName(name, in: &item)
        builder.appendString(value)
    }

    mutating func set(_ name: String, _ value: Int?) {
        guard let value else { return }
        builder.appendName(name, in: &item)
        builder.appendNumber(Number38(value))
    }

    mutating func set(_ name: String, _ value: Bool) {
        guard value else { return }
        builder.appendName(name, in: &item)
        builder.appendBoolean(true)
    }

    /// A list of records.
    mutating func set(_ name: String, _ records: [[UInt8]]) {
        builder.appendName(name, in: &item)
        let list = builder.begin(.list)
        for record in records { record.withUnsafeBytes { builder.appendBinary($0) } }
        builder.endList(list)
    }

    mutating func set(_ name: String, record: [UInt8]?) {
        guard let record else { return }
        builder.appendName(name, in: &item)
        record.withUnsafeBytes { builder.appendBinary($0) }
    }

    mutating func set(_ name: String, _ strings: [String]) {
        builder.appendName(name, in: &item)
        let list = builder.begin(.list)
        for string in strings { builder.appendString(string) }
        builder.endList(list)
    }

    /// The record's bytes.
    consuming func finish() -> [UInt8] {
        guard let range = builder.endItem(item) else { preconditionFailure("A record has a field twice") }
        return builder.output.copyBytes(range)
    }
}

/// A record's fields.
///
/// - Throws: `damagedRecord` for a field that is missing or of another type than it is written with.
struct RecordReader {
    private let item: ItemView

    /// - Parameter item: stays where it is while the reader is used.
    init(_ item: ItemView) { self.item = item }

    func string(_ name: String) throws(DynamoDBError) -> String {
        guard let value = optionalString(name) else { throw .damagedRecord(name) }
        return value
    }

    func optionalString(_ name: String) -> String? { item[name]?.string }

    func integer(_ name: String) throws(DynamoDBError) -> Int {
        guard let value = optionalInteger(name) else { throw .damagedRecord(name) }
        return value
    }

    func optionalInteger(_ name: String) -> Int? { item[name]?.number.flatMap { Int($0.description) } }

    /// What was written as a record.
    func optionalBytes(_ name: String) -> [UInt8]? { item[name]?.binary.map { Array($0) } }

    func flag(_ name: String) -> Bool { item[name] != nil }

    /// A list of records.
    func records<Record>(
        _ name: String, _ read: (RecordReader) throws(DynamoDBError) -> Record
    ) throws(DynamoDBError) -> [Record] {
        guard let list = item[name]?.list else { throw .damagedRecord(name) }
        var records: [Record] = []
        for value in list {
            guard let bytes = value.binary else { throw .damagedRecord(name) }
            records.append(try read(try Self.checked(bytes)))
        }
        return records
    }

    func record<Record>(
        _ name: String, _ read: (RecordReader) throws(DynamoDBError) -> Record
    ) throws(DynamoDBError) -> Record? {
        guard let value = item[name] else { return nil }
        guard let bytes = value.binary else { throw .damagedRecord(name) }
        return try read(try Self.checked(bytes))
    }

    /// All fields that are strings, in the order of their names.
    var allStrings: [(name: String, value: String)] {
        item.attributes.compactMap { name, value in
            value.string.map { (String(decoding: name, as: UTF8.self), $0) }
        }
    }

    func strings(_ name: String) throws(DynamoDBError) -> [String] {
        guard let list = item[name]?.list else { throw .damagedRecord(name) }
        var strings: [String] = []
        for value in list {
            guard let string = value.string else { throw .damagedRecord(name) }
            strings.append(string)
        }
        return strings
    }

    /// Reads a record's bytes.
    static func read<Record>(
        _ bytes: some Collection<UInt8>, _ body: (RecordReader) throws(DynamoDBError) -> Record
    ) throws(DynamoDBError) -> Record {
        try Array(bytes).reading { (bytes) throws(DynamoDBError) in try body(try checked(bytes)) }
    }

    private static func checked(_ bytes: UnsafeRawBufferPointer) throws(DynamoDBError) -> RecordReader {
        guard StoredForm.isItem(bytes) else { throw .damagedRecord("") }
        return RecordReader(ItemView(bytes))
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` that keeps the type of what is thrown.
    func reading<Output, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Output
    ) throws(Failure) -> Output {
        var result: Result<Output, Failure>?
        withUnsafeBytes { bytes in
            do throws(Failure) { result = .success(try body(bytes)) } catch { result = .failure(error) }
        }
        guard let result else { preconditionFailure("The body ran") }
        return try result.get()
    }
}
