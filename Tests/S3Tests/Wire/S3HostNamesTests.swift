import S3
import Testing

@Suite struct S3HostNamesTests {
    @Test(
        arguments: [
            ("127.0.0.1:4566", nil),
            ("[::1]:4566", nil),
            ("localhost", nil),
            ("LOCALHOST:4566", nil),
            ("example.com", nil),
            ("photos.localhost:4566", "photos"),
            ("Photos.LocalHost", "photos"),
            ("my.dotted.bucket.localhost", "my.dotted.bucket"),
            ("s3.localhost.localstack.cloud:4566", nil),
            ("photos.s3.localhost.localstack.cloud:4566", "photos"),
            ("a.b.s3.localhost.localstack.cloud", "a.b"),
            // Names of services are never buckets.
            ("s3.localhost", nil),
            ("dynamodb.localhost", nil),
            ("s3.eu-west-1.localhost", nil),
            ("photos.s3.localhost", "photos"),
            ("photos.s3.eu-west-1.localhost", "photos"),
            ("notlocalhost", nil),
        ] as [(String, String?)])
    func hostsNameBucketsOnlyUnderTheBases(host: String, bucket: String?) {
        #expect(S3HostNames.standard.bucket(inHost: host) == bucket)
    }

    @Test func basesAreConfigurable() {
        let names = S3HostNames(["lab.example"])
        #expect(names.bucket(inHost: "photos.lab.example:9000") == "photos")
        #expect(names.bucket(inHost: "photos.localhost") == nil)
    }
}
