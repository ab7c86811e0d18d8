import Bytes
import Items

/// How records become items.
struct ImportFormat {
    private let isCSV: Bool
    private let delimiter: UInt8
    private let types: [String: KeyType]
    private let primary: Set<String>

    init(_ input: API.ImportTableInput, _ table: Table) {
        isCSV = input.inputFormat == "CSV"
        delimiter = input.inputFormatOptions?.csv?.delimiter?.utf8.first ?? UInt8(ascii: ",")
        types = Dictionary(uniqueKeysWithValues: table.definition.attributes.map { ($0.name, $0.type) })
        primary = Set(table.key.attributes.map(\.name))
    }

    /// Whether the first record names the columns.
    func hasHeader(_ columns: [String]?) -> Bool { isCSV && columns == nil }

    /// The columns that a first record names; nil when it names none, or one twice.
    func columns(_ record: [UInt8]) -> [String]? {
        guard let fields = fields(record) else { return nil }
        let names = fields.map { String(decoding: $0, as: UTF8.self) }
        return Set(names).count == names.count && !names.contains("") ? names : nil
    }

    /// The item of a record; nil when it is none that the table may have.
    func item(_ record: [UInt8], columns: [String]?, of table: Table) -> [UInt8]? {
        guard let image = isCSV ? row(record, columns ?? []) : Self.object(record) else { return nil }
        let isAllowed = image.reading { bytes in
            let item = ItemView(bytes)
            return item.size <= ItemLimits.itemSizeMax && (try? table.place(ofItem: item)) != nil
        }
        return isAllowed ? image : nil
    }

    // MARK: JSON

    /// `{"Item": …}`; nil for anything else.
    private static func object(_ record: [UInt8]) -> [UInt8]? {
        record.reading { bytes in
            var builder = ValueBuilder(capacity: bytes.count)
            var json = JSONReader(bytes)
            var range: Range<Int>?
            do throws(InputError) {
                guard try json.beginStructure("Item", in: .root) else { return nil }
                while let name = try json.nextMember() {
                    guard name.string == "Item", range == nil else { return nil }
                    range = try json.readItem(into: &builder)
                }
                try json.end()
            } catch {
                return nil
            }
            guard let range, json.takeProblem() == nil else { return nil }
            return builder.output.copyBytes(range)
        }
    }

    // MARK: CSV

    private func row(_ record: [UInt8], _ columns: [String]) -> [UInt8]? {
        guard let fields = fields(record), fields.count == columns.count else { return nil }
        var builder = ValueBuilder(capacity: record.count * 2)
        var item = builder.beginItem()
        for (name, field) in zip(columns, fields) {
            // An index's key that is empty is none; the table's must be there.
            if field.isEmpty, types[name] != nil, !primary.contains(name) { continue }
            builder.appendName(name, in: &item)
            switch types[name] {
            case .number:
                guard let number = try? Number38(parsing: String(decoding: field, as: UTF8.self)) else { return nil }
                builder.appendNumber(number)
            case .binary:
                guard let bytes = Base64.decode(field) else { return nil }
                bytes.withUnsafeBytes { builder.appendBinary($0) }
            case .string, nil:
                guard String(validating: field, as: UTF8.self) != nil else { return nil }
                field.withUnsafeBytes { builder.appendString($0) }
            }
        }
        guard let range = builder.endItem(item) else { return nil }
        return builder.output.copyBytes(range)
    }

    /// The fields of a row (RFC 4180); nil when quotes do not close, or stand inside of a field that has none around
    /// it.
    private func fields(_ record: [UInt8]) -> [[UInt8]]? {
        let quote = UInt8(ascii: "\"")
        var fields: [[UInt8]] = []
        var position = 0
        while true {
            var field: [UInt8] = []
            if position < record.count, record[position] == quote {
                position += 1
                while true {
                    guard position < record.count else { return nil }
                    let byte = record[position]
                    position += 1
                    if byte != quote {
                        field.append(byte)
                    } else if position < record.count, record[position] == quote {
                        field.append(quote)
                        position += 1
                    } else {
                        break
                    }
                }
                guard position == record.count || record[position] == delimiter else { return nil }
            } else {
                while position < record.count, record[position] != delimiter {
                    guard record[position] != quote else { return nil }
                    field.append(record[position])
                    position += 1
                }
            }
            fields.append(field)
            if position == record.count { return fields }
            position += 1
        }
    }
}
