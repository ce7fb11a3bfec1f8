/// Why the authorities cannot be used. The agent does not start then.
package struct TrustStoreError: Error, Hashable, Sendable {
    package let problem: Problem
    /// The file or folder concerned; `nil` when it is all of them.
    package let file: String?

    package enum Problem: Hashable, Sendable {
        /// The folder or file cannot be read; the text is the system's.
        case unreadable(String)
        case tooManyFiles(limit: Int)
        case tooLarge(limit: Int)
        /// Neither PEM nor DER of a certificate.
        case notACertificate
        /// A certificate, but not of an authority (basic constraints).
        case notAnAuthority
        /// Self-signed, in the folder that is for intermediates.
        case anchorAmongIntermediates
        /// Test beside production; `first` is the file that set the environment.
        case mixedEnvironments(first: String)
        /// Not one self-signed certificate.
        case noAnchor
        /// A production authority that is none of the nine that are published.
        case notPublished
        /// A key or a signature that is too weak.
        case weak
        /// OpenSSL could not take them.
        case unusable(String)
    }

    init(_ problem: Problem, file: String? = nil) {
        self.problem = problem
        self.file = file
    }

    /// What is wrong, in one English sentence without the file's name.
    package var reason: String {
        switch problem {
        case .unreadable(let text): "it cannot be read: \(text)"
        case .tooManyFiles(let limit): "there are more than \(limit) files"
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        case .notACertificate: "it is not a certificate in PEM or DER"
        case .notAnAuthority: "it is not the certificate of an authority"
        case .anchorAmongIntermediates: "it is self-signed and so cannot be an intermediate"
        case .mixedEnvironments(let first): "test and production authorities are mixed, see \(first)"
        case .noAnchor: "there is no self-signed certificate to be the anchor"
        case .notPublished: "its SHA-256 is none of those published for IGC-Santé, nor is it of the test hierarchy"
        case .weak: "its key or its signature is too weak"
        case .unusable(let text): "the authorities cannot be used: \(text)"
        }
    }

    /// What the administrator can do.
    package var remedy: String {
        switch problem {
        case .unreadable: "check the path and that the agent's user may read it"
        case .tooManyFiles, .tooLarge, .notACertificate: "keep only certificates of authorities in this folder"
        case .notAnAuthority: "remove it: only roots and issuing authorities belong here"
        case .anchorAmongIntermediates: "move it to the anchors if it is to be trusted"
        case .mixedEnvironments: "keep either the production or the test authorities"
        case .noAnchor: "add the root certificates"
        case .notPublished: "get the certificate from the sector's own site again"
        case .weak: "ask its issuer for a stronger one"
        case .unusable: "check each file with openssl x509"
        }
    }
}
