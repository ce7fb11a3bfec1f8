import SmartCard
import Testing

@testable import PCSC

struct ReaderKindTests {
    @Test(
        arguments: [
            ([0x05, 0x01, 0x20, 0x00], ReaderKind.usb), ([0x00, 0x00, 0x01, 0x00], .serial),
            ([0x05, 0x01, 0x20, 0x00, 0, 0, 0, 0], .usb), ([0x00, 0x00, 0x02, 0x00], nil), ([0x00, 0x00, 0xF7, 0x00], nil),
            ([0x00, 0x00, 0x20, 0x01], nil), ([], nil), ([0x20], nil), ([0x05, 0x01, 0x20], nil),
            ([0x05, 0x01, 0x20, 0x00, 1, 0, 0, 0], nil), ([UInt8](repeating: 0x20, count: 264), nil),
        ] as [([UInt8], ReaderKind?)])
    func aChannelIsReadOrLeftAside(channel: [UInt8], kind: ReaderKind?) {
        #expect(ReaderKind(channel: channel) == kind)
    }

    @Test(arguments: [
        ("Virtual PCD 00 00", ReaderKind.virtual), ("My VIRTUAL slot", .virtual), ("Vpcd 00 00", .virtual),
        ("Network Reader 00 00", .network), ("Remote Smart Card 0", .network), ("Gemalto PC Twin 01 00", .unknown), ("", .unknown),
    ])
    func aNameIsTheLastResort(name: String, kind: ReaderKind) {
        #expect(ReaderKind(name: name) == kind)
    }
}
