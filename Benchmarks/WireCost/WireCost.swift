import AWSWire
import IAM
import NIOCore
import NIOHTTP1

/// What the wire layer costs, by the clock, median of seven runs: `swift run -c release wirecost`. A measurement, not a
/// test.
@main
enum WireCost {
    static func main() throws {
        try verification()
        try documents()
        try chunks()
    }

    /// AWS's example of a signed GET with the headers that the AWS CLI sends besides.
    private static func verification() throws {
        let identity = Identity(
            name: "example", accountID: "123456789012", accessKey: "AKIAIOSFODNN7EXAMPLE",
            secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let verifier = SignatureVerifier(
            identities: try IdentityTable([identity]), rules: .s3, mode: .verify, now: { 1_369_353_600 })
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let headers = HTTPHeaders([
            ("Host", "examplebucket.s3.amazonaws.com"), ("Accept-Encoding", "identity"), ("Range", "bytes=0-9"),
            ("User-Agent", "aws-cli/2.15.30 Python/3.11.6 Linux/6.1 exe/x86_64.debian.12 prompt/off command/s3.cp"),
            ("x-amz-date", "20130524T000000Z"), ("x-amz-content-sha256", empty),
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                    + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                    + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
            ),
        ])
        try report("SigV4 header, target parsed too", count: 100_000) {
            _ = try verifier.verify(method: .GET, target: RequestTarget("/test.txt"), headers: headers)
        }
        let host = HTTPHeaders([
            ("Host", "examplebucket.s3.amazonaws.com"), ("Accept", "*/*"), ("User-Agent", "curl/7.88.1"),
        ])
        let presigned =
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        try report("SigV4 presigned", count: 100_000) {
            _ = try verifier.verify(method: .GET, target: RequestTarget(presigned), headers: host)
        }
        let old = SignatureVerifier(
            identities: try IdentityTable([identity]), rules: .s3, mode: .verify, now: { 1_175_139_600 })
        let version2 =
            "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"
            + "&Expires=1175139620"
        try report("SigV2 presigned", count: 100_000) {
            _ = try old.verify(
                method: .GET, target: RequestTarget(version2), headers: host, virtualBucket: "johnsmith")
        }
    }

    private static func documents() throws {
        var body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        for number in 1...10_000 {
            body += "<Part><ETag>\"d41d8cd98f00b204e9800998ecf8427e\"</ETag><PartNumber>\(number)</PartNumber></Part>"
        }
        body += "</CompleteMultipartUpload>"
        let bytes = Array(body.utf8)
        try report("XML of 10,000 parts, parsed", count: 10) { _ = try XMLDocument(parsing: bytes) }
        try report("XML of 10,000 parts, parsed and read", count: 10) {
            var sum = 0
            for part in try XMLDocument(parsing: bytes).root.children {
                sum += (part.first("PartNumber")?.integer ?? 0) + (part.text(of: "ETag")?.utf8.count ?? 0)
            }
            precondition(sum > 0, "parts are read")
        }
        try report("XML of 1,000 listed keys, written", count: 100) {
            var xml = XMLWriter(capacity: 400_000)
            for number in 0..<1_000 {
                xml.start("Contents")
                xml.element("Key", "photos/2026/11/21/image-\(number).jpg")
                xml.element("LastModified", "2026-11-21T09:30:15.000Z")
                xml.element("ETag", "\"d41d8cd98f00b204e9800998ecf8427e\"")
                xml.element("Size", number)
                xml.element("StorageClass", "STANDARD")
                xml.end("Contents")
            }
            precondition(xml.bytes.count > 100_000, "keys are written")
        }
    }

    private static func chunks() throws {
        let text = "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n"
        var whole = ByteBuffer()
        for _ in 0..<64 { whole.writeString(text) }
        whole.writeString("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")
        let pieces = stride(from: 0, to: whole.readableBytes, by: 100_000).compactMap {
            whole.getSlice(at: $0, length: min(100_000, whole.readableBytes - $0))
        }
        try report("aws-chunked, 4 MiB in chunks of 64 KiB, framing alone", count: 100) {
            var decoder = AWSChunkedDecoder(form: .streamingUnsignedTrailer, decodedLength: 4 << 20)
            for piece in pieces {
                decoder.push(piece)
                while try decoder.next() != nil {}
            }
        }
    }

    /// Prints nanoseconds a call.
    private static func report(_ name: String, count: Int, _ body: () throws -> Void) throws {
        var runs: [Duration] = []
        for _ in 0..<7 {
            let start = ContinuousClock.now
            for _ in 0..<count { try body() }
            runs.append(ContinuousClock.now - start)
        }
        let median = runs.sorted()[3]
        let nanoseconds = (median.components.attoseconds / 1_000_000_000 + median.components.seconds * 1_000_000_000)
        print("\(name): \(Int(nanoseconds) / count) ns")
    }
}
