/**
 * The address of the shop's Jifen server, such as "https://jifen.example.com", to be set for the mini-program: WeChat asks for HTTPS
 * and for this host in 开发管理 → 服务器域名. The web build is served by the server itself and does not read it.
 */
export const SERVER = "";
