import Primitives
import Testing

struct Base64URLTests {
    /// RFC 4648 §10, without padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ])
    func publishedVectorsAgree(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
    }

    /// RFC 7515 appendix C.
    @Test func theAlphabetIsTheURLSafeOne() {
        #expect(Base64URL.encode([3, 236, 255, 224, 193]) == "A-z_4ME")
        #expect(Base64URL.decode("A-z_4ME") == [3, 236, 255, 224, 193])
    }

    @Test(arguments: 0..<70)
    func everyLengthComesBack(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 43) }
        #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }

    @Test(arguments: ["Z", "Zm9vY", "Zg==", "Zm8=", "A+z/4ME", "Zm 9v", "Zm9v\n", "Zé", "=", "."])
    func otherTextIsRefused(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    /// Two texts for the same bytes would let one token have two forms.
    @Test(arguments: ["Zh", "Zi", "Zn", "Zv", "Zm9", "Zm-", "Zm_"])
    func leftOverBitsAreRefused(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
