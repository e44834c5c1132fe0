# What is installed where, and the Debian package made of it (./dev package).
include(GNUInstallDirs)

install(TARGETS lasnad lasnactl RUNTIME DESTINATION bin)
install(DIRECTORY presence/rules/ DESTINATION share/lasna/rules)
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/widget/ DESTINATION share/lasna/widget)
install(PROGRAMS deploy/certbot-deploy-hook DESTINATION share/lasna)
install(FILES deploy/grafana.json DESTINATION share/lasna)
install(FILES docs/man/lasnactl.1 DESTINATION share/man/man1)
install(FILES docs/man/lasna.conf.5 DESTINATION share/man/man5)
install(FILES docs/man/lasnad.8 DESTINATION share/man/man8)
install(FILES deploy/debian/copyright DESTINATION share/doc/lasna)
install(FILES CHANGELOG.md README.md DESTINATION share/doc/lasna)
install(DIRECTORY docs/ DESTINATION share/doc/lasna FILES_MATCHING PATTERN "*.md"
  PATTERN adr EXCLUDE PATTERN images EXCLUDE PATTERN man EXCLUDE PATTERN examples EXCLUDE)
# Where Debian's systemd, bash and Prosody look, whatever the prefix.
install(FILES deploy/systemd/lasnad.service DESTINATION /lib/systemd/system)
install(FILES deploy/prosody/mod_lasna_limits.lua deploy/prosody/mod_lasna_rooms.lua
  DESTINATION /usr/lib/prosody/modules)
install(CODE "
  file(MAKE_DIRECTORY \"\$ENV{DESTDIR}/usr/share/bash-completion/completions\")
  execute_process(COMMAND \"$<TARGET_FILE:lasnactl>\" --completion COMMAND_ERROR_IS_FATAL ANY
    OUTPUT_FILE \"\$ENV{DESTDIR}/usr/share/bash-completion/completions/lasnactl\")")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lasna)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Läsnä authors <lasna@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "multi-tenant live chat on XMPP")
set(CPACK_PACKAGE_DESCRIPTION "Connects the chat of client companies' websites to an XMPP server,
where agents answer visitors from ordinary XMPP clients. Each company is
sealed off from every other; transcripts stay on your own server.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "prosody (>= 0.12.3), prosody-modules, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "certbot, libvoikko1, voikko-fi")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
  ${PROJECT_SOURCE_DIR}/deploy/debian/prerm
  ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
