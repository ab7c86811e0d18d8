import AWSWire
import LabClock
import Testing

struct DateTests {
    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT", "19700101T000000Z"),
            (1_369_353_600, "Fri, 24 May 2013 00:00:00 GMT", "20130524T000000Z"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT", "20000229T000000Z"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT", "21000228T235959Z"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT", "21000301T000000Z"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT", "19941106T084937Z"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT", "20240229T235959Z"),
            (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT", "20240301T000000Z"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT", "19691231T235959Z"),
        ] as [(Int64, String, String)])
    func datesGoThereAndBack(seconds: Int64, http: String, basic: String) {
        #expect(HTTPDate.format(unixSeconds: seconds) == http)
        #expect(HTTPDate.parse(http) == seconds)
        #expect(ISO8601.basic(unixSeconds: seconds) == basic)
        #expect(ISO8601.parseBasic(basic) == seconds)
        #expect(ISO8601.parseExtended(ISO8601.extended(unixSeconds: seconds)) == seconds * 1_000)
        #expect(ISO8601.parseExtended(ISO8601.extended(unixMilliseconds: seconds * 1_000 + 7)) == seconds * 1_000 + 7)
    }

    @Test func everyDayOfFourCenturiesComesBack() {
        for day in stride(from: Int64(-36_500), to: 110_000, by: 1) {
            let seconds = day * 86_400 + 12_345
            #expect(ISO8601.parseBasic(ISO8601.basic(unixSeconds: seconds)) == seconds)
        }
    }

    @Test func xmlDatesEndInMilliseconds() {
        #expect(ISO8601.extended(unixMilliseconds: 1_369_353_600_000) == "2013-05-24T00:00:00.000Z")
        #expect(ISO8601.extended(unixMilliseconds: 1_369_353_600_042) == "2013-05-24T00:00:00.042Z")
        #expect(ISO8601.extended(unixMilliseconds: -1) == "1969-12-31T23:59:59.999Z")
    }

    @Test(arguments: [
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 09:49:37 +0100", "06 Nov 1994 08:49:37 UTC",
        " Sun, 06 Nov 1994 08:49:37 GMT ",
    ])
    func oldFormsOfHTTPDatesAreRead(text: String) {
        #expect(HTTPDate.parse(text) == 784_111_777)
    }

    @Test(arguments: [
        "", "now", "Sun, 06 Nov 1994", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37", "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT x",
        "Sun, 06 Foo 1994 08:49:37 GMT", "20130524T000000Z",
    ])
    func otherTextIsNoHTTPDate(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test func extendedFormsAreRead() {
        #expect(ISO8601.parseExtended("2013-05-24") == 1_369_353_600_000)
        #expect(ISO8601.parseExtended("2013-05-24T02:00:00+02:00") == 1_369_353_600_000)
        #expect(ISO8601.parseExtended("2013-05-24T00:00:00.5Z") == 1_369_353_600_500)
        #expect(ISO8601.parseExtended("2013-05-24T00:00:00.123456789Z") == 1_369_353_600_123)
        for text in [
            "2013-5-24", "2013-05-24T", "2013-05-24T00:00Z", "2013-05-24T00:00:00", "2013-13-01", "2013-02-29",
        ] {
            #expect(ISO8601.parseExtended(text) == nil)
        }
        for text in ["20130524", "20130524T000000", "20130524T250000Z", "20130524T000000Zx", "2013052AT000000Z"] {
            #expect(ISO8601.parseBasic(text) == nil)
        }
    }
}
