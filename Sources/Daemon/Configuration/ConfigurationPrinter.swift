private import IAM

/// Shows settings to people and programs.
package enum ConfigurationPrinter {
    /// What `--print-config` prints: each value, and behind it where it came from. Valid TOML; secret keys are left
    /// out.
    package static func text(_ settings: ResolvedSettings) -> String {
        var rows: [(assignment: String, origin: String)] = []
        for setting in Setting.all {
            let entry = settings[setting.name]
            rows.append(("\(setting.key) = \(toml(entry.value, of: setting))", entry.origin.description))
        }
        let width = rows.map(\.assignment.count).max() ?? 0
        var lines = rows.map { row in
            row.assignment + String(repeating: " ", count: width - row.assignment.count) + "  # " + row.origin
        }
        for identity in settings.identities {
            lines.append("")
            lines.append("[[identity]]  # \(settings.identitiesOrigin)")
            lines.append("name = \(JSONText.quoted(identity.name))")
            lines.append("account_id = \(JSONText.quoted(identity.accountID))")
            lines.append("access_key = \(JSONText.quoted(identity.accessKey))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same as JSON: an object of `{"value": …, "origin": …}` by key, and the identities without their secrets.
    package static func json(_ settings: ResolvedSettings) -> String {
        var fields: [String] = []
        for setting in Setting.all {
            let entry = settings[setting.name]
            let origin = JSONText.quoted(entry.origin.description)
            fields.append("\(JSONText.quoted(setting.key)):{\"value\":\(json(entry.value)),\"origin\":\(origin)}")
        }
        let identities = settings.identities.map { identity in
            "{\"name\":\(JSONText.quoted(identity.name)),\"account_id\":\(JSONText.quoted(identity.accountID)),"
                + "\"access_key\":\(JSONText.quoted(identity.accessKey))}"
        }
        return "{\"settings\":{\(fields.joined(separator: ","))},\"identities\":[\(identities.joined(separator: ","))]}"
    }

    /// The settings as `--help` lists them.
    package static var help: String {
        var lines: [String] = []
        for setting in Setting.all {
            let unset = setting.defaultText.isEmpty ? "unset" : setting.defaultText
            lines.append("  \(setting.flag)  (\(setting.kind.grammar); default: \(unset))")
            lines.append("      \(setting.summary)")
        }
        return lines.joined(separator: "\n")
    }

    private static func toml(_ value: SettingValue, of setting: Setting) -> String {
        switch (value, setting.kind) {
        case (.integer(let number), .bytes): JSONText.quoted(ByteCount.describe(number))
        case (.boolean(let flag), _): flag ? "true" : "false"
        default: json(value)
        }
    }

    private static func json(_ value: SettingValue) -> String {
        switch value {
        case .text(let text): JSONText.quoted(text)
        case .endpoint(let endpoint): JSONText.quoted(endpoint.description)
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .durability(let durability): JSONText.quoted(durability.description)
        case .list(let texts): "[\(texts.map(JSONText.quoted).joined(separator: ", "))]"
        }
    }
}
