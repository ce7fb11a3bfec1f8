import HTTPServing
import Testing

struct FormParametersTests {
    @Test func parametersAreDecoded() {
        let form = FormParameters(Array("client_id=cps-mobile&device_name=T%C3%A9l%C3%A9phone+de+garde&a=b=c&token=".utf8))
        #expect(form?["client_id"] == "cps-mobile")
        #expect(form?["device_name"] == "Téléphone de garde")
        #expect(form?["a"] == "b=c")
        #expect(form?["token"] == nil && form?["other"] == nil)
    }

    @Test(arguments: [
        "token=1&token=2", "token=1&tok%65n=2", "token", "=1", "token=%4", "token=%zz", "token=%", "token=%ff", "token=%C3",
        "token=%ED%A0%80",
    ])
    func whatIsNoFormIsRefused(_ body: String) { #expect(FormParameters(Array(body.utf8)) == nil) }

    @Test func aFormHasAnEnd() {
        let many = (0...FormParameters.mostParameters).map { "p\($0)=1" }.joined(separator: "&")
        #expect(FormParameters(Array(many.utf8)) == nil)
        #expect(FormParameters([]) != nil)
    }

    @Test func bytesThatAreNoTextAreRefused() { #expect(FormParameters([0x61, 0x3D, 0xFF]) == nil) }
}
