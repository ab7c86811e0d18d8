package import IAM

/// One value for every setting, with its origin: flags over environment over file over defaults.
package struct ResolvedSettings: Sendable {
    package struct Entry: Sendable, Equatable {
        package var value: SettingValue
        package var origin: SettingOrigin
    }

    private var entries: [SettingName: Entry] = [:]
    package private(set) var identities: [Identity]
    package private(set) var identitiesOrigin: SettingOrigin

    /// Puts the sources together. Every text is checked, also where a stronger source overrules it.
    ///
    /// - Parameters:
    ///   - flags: the command line's words for settings: `--listen`, `127.0.0.1:0`, `--access-log=off`.
    ///   - environment: the whole environment; variables that are no setting's are not looked at.
    package init(
        flags: [String], environment: [String: String], file: ConfigurationFile?
    ) throws(ConfigurationError) {
        for setting in Setting.all {
            do throws(ValueError) {
                entries[setting.name] = Entry(
                    value: try setting.kind.parse(setting.defaultText), origin: .defaultValue)
            } catch {
                preconditionFailure("the default of \(setting.key) is not one of its values: \(error.problem)")
            }
        }
        identities = [.standard]
        identitiesOrigin = .defaultValue
        if let file {
            for (name, value) in file.values {
                entries[name] = Entry(value: value, origin: .file(path: file.path))
            }
            if let listed = file.identities {
                identities = listed
                identitiesOrigin = .file(path: file.path)
            }
        }
        for setting in Setting.all {
            guard let text = environment[setting.environmentName] else { continue }
            do throws(ValueError) {
                entries[setting.name] = Entry(
                    value: try setting.kind.parse(text), origin: .environment(name: setting.environmentName))
            } catch {
                throw .environment("\(setting.environmentName) \(error.problem), not \"\(text)\"")
            }
        }
        for (name, value) in try FlagReader(flags).values() {
            entries[name] = Entry(value: value, origin: .flag(Setting.named(name).flag))
        }
    }

    package subscript(name: SettingName) -> Entry {
        guard let entry = entries[name] else { preconditionFailure("no value for \(name.rawValue)") }
        return entry
    }
}

/// Reads the command line's words for settings.
private struct FlagReader {
    private let words: [String]

    init(_ words: [String]) { self.words = words }

    func values() throws(ConfigurationError) -> [SettingName: SettingValue] {
        var values: [SettingName: SettingValue] = [:]
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.hasPrefix("--") else { throw .flag("unexpected argument \"\(word)\"") }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = SettingName(rawValue: String(parts[0])) else { throw .flag("unknown option \"\(word)\"") }
            let setting = Setting.named(name)
            var text: String
            if parts.count == 2 {
                text = String(parts[1])
            } else if setting.kind == .boolean, index >= words.count || words[index].hasPrefix("--") {
                text = "on"
            } else if index < words.count {
                text = words[index]
                index += 1
            } else {
                throw .flag("\(setting.flag) needs a value: \(setting.kind.grammar)")
            }
            values[name] = try value(text, of: setting, earlier: values[name])
        }
        return values
    }

    private func value(
        _ text: String, of setting: Setting, earlier: SettingValue?
    ) throws(ConfigurationError) -> SettingValue {
        do throws(ValueError) {
            let value = try setting.kind.parse(text)
            if case .list(let more) = value, case .list(let some)? = earlier { return .list(some + more) }
            return value
        } catch {
            throw .flag("\(setting.flag) \(error.problem), not \"\(text)\"")
        }
    }
}
