package import IAM
private import TOMLKit

/// What a `varve.toml` says, checked for form: every key is a setting's, every value reads as its kind.
package struct ConfigurationFile: Sendable {
    package var path: String
    package var values: [SettingName: SettingValue] = [:]
    /// The `[[identity]]` tables; nil when the file holds none.
    package var identities: [Identity]?

    /// Reads a file's text.
    ///
    /// - Parameter path: only for messages.
    /// - Throws: `ConfigurationError.file`, with the line.
    package init(path: String, text: String) throws(ConfigurationError) {
        self.path = path
        let reader = Reader(path: path, lines: TOMLLines(text))
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw .file(path: path, line: error.source.begin.line, problem: error.description)
        } catch {
            throw .file(path: path, line: nil, problem: "cannot be parsed: \(error)")
        }
        for key in table.keys {
            guard let value = table[key] else { continue }
            if key == Self.identityKey {
                identities = try reader.identities(value)
                continue
            }
            let line = reader.lines.line(ofKey: key, inTable: nil, occurrence: 0)
            guard let name = SettingName(rawValue: key) else {
                throw .file(path: path, line: line, problem: "unknown setting \"\(key)\"")
            }
            values[name] = try reader.value(value, of: Setting.named(name), line: line)
        }
    }

    static let identityKey = "identity"
}

/// Turns TOML values into settings and identities.
private struct Reader {
    let path: String
    let lines: TOMLLines

    func value(
        _ value: any TOMLValueConvertible, of setting: Setting, line: Int?
    ) throws(ConfigurationError) -> SettingValue {
        if case .list = setting.kind, let array = value.array {
            var texts: [String] = []
            for element in array {
                guard let text = element.string else {
                    throw .file(path: path, line: line, problem: "\(setting.key) must be an array of strings")
                }
                texts.append(text)
            }
            return .list(texts)
        }
        guard let text = scalar(value) else {
            throw .file(path: path, line: line, problem: "\(setting.key) must be \(setting.kind.grammar)")
        }
        do throws(ValueError) {
            return try setting.kind.parse(text)
        } catch {
            throw .file(path: path, line: line, problem: "\(setting.key) \(error.problem)")
        }
    }

    private func scalar(_ value: any TOMLValueConvertible) -> String? {
        switch value.type {
        case .string: value.string
        case .int: value.int.map(String.init)
        case .bool: value.bool.map { $0 ? "on" : "off" }
        default: nil
        }
    }

    func identities(_ value: any TOMLValueConvertible) throws(ConfigurationError) -> [Identity] {
        guard let array = value.array else {
            let line = lines.line(ofKey: ConfigurationFile.identityKey, inTable: nil, occurrence: 0)
            throw .file(path: path, line: line, problem: "identities are written as [[identity]] tables")
        }
        var identities: [Identity] = []
        for (index, element) in array.enumerated() {
            guard let table = element.table else {
                throw .file(path: path, line: nil, problem: "identities are written as [[identity]] tables")
            }
            identities.append(try identity(table, index: index))
        }
        return identities
    }

    private func identity(_ table: TOMLTable, index: Int) throws(ConfigurationError) -> Identity {
        var fields: [IdentityField: String] = [:]
        for key in table.keys {
            let line = lines.line(ofKey: key, inTable: ConfigurationFile.identityKey, occurrence: index)
            guard let field = IdentityField(rawValue: key) else {
                throw .file(path: path, line: line, problem: "unknown key \"\(key)\" in [[identity]]")
            }
            guard let text = table[key]?.string, !text.isEmpty else {
                throw .file(path: path, line: line, problem: "\(key) must be a string that is not empty")
            }
            if field == .accountID, !AccountID.isValid(text) {
                throw .file(path: path, line: line, problem: "account_id must be twelve digits, as a string")
            }
            fields[field] = text
        }
        let header = lines.header(ofTable: ConfigurationFile.identityKey, occurrence: index)
        func field(_ field: IdentityField) throws(ConfigurationError) -> String {
            guard let text = fields[field] else {
                throw .file(path: path, line: header, problem: "[[identity]] lacks \(field.rawValue)")
            }
            return text
        }
        return Identity(
            name: try field(.name), accountID: try field(.accountID), accessKey: try field(.accessKey),
            secretKey: try field(.secretKey))
    }
}

/// The keys of an `[[identity]]` table; all are required.
package enum IdentityField: String, CaseIterable, Sendable {
    case name
    case accountID = "account_id"
    case accessKey = "access_key"
    case secretKey = "secret_key"
}

/// Account numbers as AWS writes them.
package enum AccountID {
    /// Twelve ASCII digits.
    package static func isValid(_ text: String) -> Bool {
        text.utf8.count == 12 && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
