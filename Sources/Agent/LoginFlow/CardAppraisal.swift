internal import CardDrivers
internal import PKI
package import Primitives

extension LoginDesk {
    /// The card as ``ReaderView/cardJSON`` shows it, with the `code` that a login would be refused with because of its certificate.
    package func appraised(_ view: ReaderView) -> JSON {
        guard case .done(let reading)? = view.reading, case .object(var members) = view.cardJSON else { return view.cardJSON }
        do throws(CertificateRefusal) {
            _ = try trust.check(reading.content.authenticationCertificate, at: time.now())
        } catch {
            members["code"] = .string(error.refusal.code.rawValue)
        }
        return .object(members)
    }
}
