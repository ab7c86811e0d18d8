import Foundation

/// The checked-out files of the package, found from the place of this one.
enum Repository {
    /// The directory of the manifest, with a slash at its end.
    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/") + "/"
    }()

    /// The paths under `directory` that end in one of `extensions`, relative to the root and sorted.
    static func files(in directory: String, extensions: Set<String>) -> [String] {
        let paths = FileManager.default.enumerator(atPath: root + directory)?.compactMap { $0 as? String } ?? []
        return paths.filter { extensions.contains(String($0.split(separator: ".").last ?? "")) }
            .map { directory + "/" + $0 }.sorted()
    }

    /// The text of a file, nil when there is none.
    static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: root + path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The names of the directories directly in `directory`, sorted.
    static func directories(in directory: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root + directory)) ?? []
        return names.filter { name in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: root + directory + "/" + name, isDirectory: &isDirectory)
                && isDirectory.boolValue
        }.sorted()
    }

    /// All Swift files of the package's own targets.
    static let swiftSources: [SwiftSource] = sources(in: "Sources")

    /// All Swift files of the tests.
    static let swiftTests: [SwiftSource] = sources(in: "Tests")

    private static func sources(in directory: String) -> [SwiftSource] {
        files(in: directory, extensions: ["swift"]).map { SwiftSource(path: $0, text: text($0) ?? "") }
    }
}
