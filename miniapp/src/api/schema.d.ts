// Written by `make app` from /openapi.json: do not edit.
export interface paths {
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 登录
         * @description 用 wx.login 得到的 code 换取令牌。第一次登录的微信用户自动成为会员。
         */
        post: operations["log_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 我的积分
         * @description 余额、等级、即将到期的积分和今天的签到，首页一次取齐。
         */
        get: operations["show_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 我的资料
         * @description 会员自己填的资料，手机号只露头尾。
         */
        get: operations["show_profile"];
        /**
         * 修改资料
         * @description 填写或修改资料、绑定手机号；没有给出的项不变，有一项不行就都不改。
         */
        put: operations["change_profile"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 会员码
         * @description 在收银台出示的会员码，每 30 秒换一个，只用来认出会员；过期的截图不能用。
         */
        get: operations["show_code"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 积分明细
         * @description 积分的每一笔变动，新的在前。
         */
        get: operations["list_entries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/check-ins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 签到日历
         * @description 某个月签过到的日子、现在的连签天数，和一轮里每天的奖励。
         */
        get: operations["show_month"];
        put?: never;
        /**
         * 签到
         * @description 签到领积分，每天一次；同一天再签得到 409 already_checked_in，里面是当天那次签到的事实。
         */
        post: operations["check_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/check-ins/repairs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 可以补签的日子
         * @description 最近可以补签的日子、手里的补签卡和补签一次的价格。
         */
        get: operations["show_offer"];
        put?: never;
        /**
         * 补签
         * @description 补签一天，用补签卡或积分。先取「可以补签的日子」，照它显示的价格补。
         */
        post: operations["repair"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/extensions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 可以延期的积分
         * @description 现在可以延期的积分，先到期的在前，和延期一笔的价格。
         */
        get: operations["show_extensions"];
        put?: never;
        /**
         * 积分延期
         * @description 把快到期的积分延期一次。先取「可以延期的积分」，照它显示的价格延。
         */
        post: operations["extend_points"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/wheels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 抽奖列表
         * @description 会员能抽的转盘，带公布的概率。
         */
        get: operations["list_wheels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/wheels/{wheel}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 一个抽奖
         * @description 一个转盘：费用、今天还能抽几次、公布的概率，和当前这一轮的承诺。
         */
        get: operations["show_wheel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/wheels/{wheel}/draws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 抽奖
         * @description 抽一次或连抽十次。
         */
        post: operations["create_draws"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/wheels/{wheel}/winners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 中奖名单
         * @description 这个转盘的中奖记录，新的在前，名字打码。
         */
        get: operations["list_winners"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/draws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 我的抽奖记录
         * @description 我抽过的每一次，新的在前。
         */
        get: operations["list_draws"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/draws/{draw}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 公平校验
         * @description 重算某一次抽奖所需的全部数据；种子要等这一轮结束才公布。
         */
        get: operations["show_proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rewards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 积分商城
         * @description 可以用积分兑换的礼品，带价格、库存和会员能不能兑。
         */
        get: operations["list_rewards"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rewards/{reward}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 一件礼品
         * @description 一件礼品现在的价格、库存和使用说明。
         */
        get: operations["show_reward"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/redemptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 我的券
         * @description 兑换和抽中的券，新的在前。
         */
        get: operations["list_redemptions"];
        put?: never;
        /**
         * 兑换
         * @description 用积分兑换一件礼品，得到一张券。
         */
        post: operations["create_redemption"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/redemptions/{redemption}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 一张券
         * @description 一张券现在的状态和券码。
         */
        get: operations["show_redemption"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/redemptions/{redemption}/code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 动态券码
         * @description 给店员扫或输入的券码，30 秒一换，上一个在换码后 30 秒内仍认；只有可以使用的券才有。
         */
        get: operations["show_redemption_code"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/redemptions/{redemption}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 取消兑换
         * @description 取消一次兑换，积分退回，原来的有效期不变。
         */
        post: operations["cancel_redemption"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/missions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 任务列表
         * @description 现在可以做的任务，带每一步的进度。
         */
        get: operations["list_missions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/polls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 投票列表
         * @description 投票和到现在为止的结果，也包括已经结束的。
         */
        get: operations["list_polls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/polls/{poll}/votes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 投票
         * @description 投一票，每人每个投票一次，投了不能改。
         */
        post: operations["create_vote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referral": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 我的邀请
         * @description 我的邀请码、邀请人数和邀请奖励。
         */
        get: operations["show_referral"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referral/qrcode.png": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 邀请二维码
         * @description 带邀请码的二维码图片：默认是公众号的，kind=miniapp 是小程序码。
         */
        get: operations["show_qrcode"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referral/poster.png": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 邀请海报
         * @description 带二维码的邀请海报，可以直接转发。
         */
        get: operations["show_poster"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/referral/bind": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * 填写邀请人
         * @description 填写邀请我的人，只能填一次。
         */
        post: operations["bind_referral"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/packs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 加速包
         * @description 可以领的加速包，带我手里还没用完的。
         */
        get: operations["list_packs"];
        put?: never;
        /**
         * 领取加速包
         * @description 领一个加速包，之后几天里消费等事件的积分翻倍，直到多得的积分达到上限。
         */
        post: operations["take_pack"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 能不能提建议
         * @description 规则里没有 suggestion 这种事件时是 false。
         */
        get: operations["show_suggestions"];
        put?: never;
        /**
         * 提建议
         * @description 给商家提一条建议；规则里没有 suggestion 这种事件时是 404，有没有积分、每天给几次由规则定。
         */
        post: operations["create_suggestion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/appeal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 账户是否冻结，以及申诉
         * @description 账户是否被冻结或暂停花积分、为什么，以及最近一次申诉和答复。
         */
        get: operations["show_appeal"];
        put?: never;
        /**
         * 申诉
         * @description 账户被冻结或暂停花积分时说明情况；一次只能有一个申诉在处理，没有冻结时是 409。
         */
        post: operations["create_appeal"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/erasure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 有没有申请注销
         * @description 我有没有申请注销，什么时候申请的。
         */
        get: operations["show_erasure"];
        /**
         * 申请注销，或者取消申请
         * @description 申请注销，由工作人员在 15 个工作日内办理；还没有办理时可以取消。办理后个人信息删除，积分和没用的券作废。
         */
        put: operations["ask_for_erasure"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/data": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 导出我的个人信息
         * @description 系统里关于我的全部信息，一份 JSON，每一项有中文名字；身份编号和手机号打码。每天最多导出 3 次。
         */
        get: operations["copy_data"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/data/kept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 存了我的哪些信息，做什么用
         * @description 系统存会员的哪些信息，每一种做什么用。
         */
        get: operations["show_kept"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tiers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 会员等级
         * @description 全部会员等级，从低到高。
         */
        get: operations["list_tiers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 活动规则
         * @description 现在生效的规则，与实际执行的一致。
         */
        get: operations["show_rules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * 可以订阅的消息
         * @description 现在的规则里可以订阅的消息，和每种还能发几条；点按钮时用 wx.requestSubscribeMessage 征求同意。
         */
        get: operations["show_subscriptions"];
        put?: never;
        /**
         * 订阅消息的选择
         * @description 会员在 wx.requestSubscribeMessage 里作出选择之后，告诉服务器。
         */
        post: operations["record_subscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Problem
         * @description 请求没有办成的原因（RFC 9457）；code 稳定不变，其余字段是与它有关的事实。
         */
        Problem: {
            /**
             * @description 总是 about:blank，错误的种类看 code
             * @example about:blank
             * @constant
             */
            type: "about:blank";
            /**
             * @description 这一类错误的名称
             * @example 积分不够
             */
            title: string;
            /**
             * @description HTTP 状态码
             * @example 409
             */
            status: number;
            /**
             * @description 这一类错误的代码，稳定不变
             * @example not_enough_points
             */
            code: string;
            /**
             * @description 给人看的一句话
             * @example 还差 40 分。
             */
            detail?: string;
            /**
             * @description 这次请求的编号，报告问题时请附上
             * @example f3b1c2d4e5a60718
             */
            request_id: string;
            /** @description 每个不合要求的字段各一项 */
            errors?: {
                /** @description 字段名，里层的用点隔开 */
                field: string;
                /** @description 哪里不合要求 */
                message: string;
            }[];
        } & {
            [key: string]: unknown;
        };
        /**
         * AppealBody
         * @description 被冻结的会员要说的话。
         */
        AppealBody: {
            /**
             * @description 要说的话，1 到 500 个字
             * @example 那几单是我和家人一起买的
             */
            text: string;
        };
        /**
         * AppealView
         * @description 最近一次申诉。
         */
        AppealView: {
            /**
             * @description 申诉时说的话
             * @example 那几单是我和家人一起买的
             */
            text: string;
            /**
             * @description open 还在处理，answered 已经答复
             * @example answered
             * @enum {string}
             */
            state: "open" | "answered";
            /**
             * Format: date-time
             * @description 申诉的时刻
             * @example 2026-11-28T09:30:00+08:00
             */
            opened_at: string;
            /**
             * @description 工作人员的答复；还没有则为 null
             * @example 请带小票到店里核对
             */
            answer: string | null;
            /**
             * @description 答复时是不是恢复了账户；还没有答复则为 null
             * @example true
             */
            released: boolean | null;
        };
        /**
         * BindBody
         * @description 邀请人的邀请码，或打开小程序的二维码里的 scene。
         */
        BindBody: {
            /**
             * @description 邀请码
             * @example k7m2p9
             */
            code: string;
        };
        /**
         * BoundAnswer
         * @description 邀请我的人，以后不能更改。
         */
        BoundAnswer: {
            /** @description 邀请我的人 */
            inviter: components["schemas"]["InviterAnswer"];
        };
        /**
         * CancelledAnswer
         * @description 已取消的兑换，和退回的积分。
         */
        CancelledAnswer: {
            /**
             * @description 编号，在同类里不重复
             * @example 12-0
             */
            id: string;
            /**
             * @description 券的状态
             * @example issued
             */
            state: string;
            /**
             * @description 名称
             * @example 手工曲奇一份
             */
            name: string;
            /**
             * @description 退回的积分
             * @example 60
             */
            points: number;
            /**
             * @description 退回的积分里已经过期、不能再用的部分
             * @example 0
             */
            lapsed: number;
            /**
             * @description 办完之后可用的积分
             * @example 340
             */
            balance: number;
        };
        /**
         * CheckInAnswer
         * @description 今天的签到。
         */
        CheckInAnswer: {
            /**
             * Format: date
             * @description 日期（按商家所在时区）
             * @example 2026-11-28
             */
            day: string;
            /**
             * @description 连续签到的天数
             * @example 3
             */
            streak: number;
            /**
             * @description 签到得到的积分，已含 bonus
             * @example 10
             */
            points: number;
            /**
             * @description 办完之后可用的积分
             * @example 340
             */
            balance: number;
            /**
             * @description 其中连签奖励的积分，没有为 0
             * @example 50
             */
            bonus: number;
            /**
             * @description 好友邀请来的会员首次签到另得的积分，没有为 0
             * @example 0
             */
            referral_points: number;
            /**
             * @description 这次签到完成的任务另得的积分，没有为 0
             * @example 0
             */
            mission_points: number;
            /**
             * @description 下一次连签奖励的积分；没有则为 null
             * @example 50
             */
            next_bonus: number | null;
            /**
             * @description 再连签几天得到下一次连签奖励；没有则为 null
             * @example 4
             */
            next_bonus_in: number | null;
        };
        /**
         * DataAnswer
         * @description 关于我的全部信息。
         */
        DataAnswer: {
            /**
             * Format: date-time
             * @description 导出的时间
             * @example 2026-11-22T10:00:00+08:00
             */
            made_at: string;
            /**
             * @description 会员编号
             * @example 10023
             */
            member_id: number;
            /**
             * @description 绑定的手机号，中间打码；没有绑定则为 null
             * @example 138****0000
             */
            phone: string | null;
            /** @description 每一种信息 */
            sections: components["schemas"]["DataSection"][];
        };
        /**
         * DataSection
         * @description 一种信息，和它的每一条记录。
         */
        DataSection: {
            /**
             * @description 哪种信息
             * @example 签到
             */
            title: string;
            /**
             * @description 做什么用
             * @example 计算连续签到的天数和积分
             */
            why: string;
            /** @description 每一条记录，字段名是中文 */
            rows: {
                [key: string]: string | number | null;
            }[];
        };
        /**
         * DrawAnswer
         * @description 我的一次抽奖。
         */
        DrawAnswer: {
            /**
             * @description 编号，在同类里不重复
             * @example 12-0
             */
            id: string;
            /**
             * @description 转盘编号
             * @example lucky
             */
            wheel: string;
            /**
             * @description 这一轮里会员的第几次抽奖，从 1 起
             * @example 3
             */
            nonce: number;
            /** @description 奖品 */
            prize: components["schemas"]["DrawnPrizeAnswer"];
            /**
             * @description 转盘上的位置，从 0 起
             * @example 2
             */
            slot: number;
            /**
             * @description 有没有抽中
             * @example true
             */
            won: boolean;
            /**
             * @description 抽到的积分，奖品不是积分时为 0
             * @example 20
             */
            points: number;
            /**
             * @description 抽一次花的积分
             * @example 20
             */
            cost_points: number;
            /**
             * @description 转盘的版本，费用、奖品、机会有任何改动它就变
             * @example 2-9f86d081884c7d659a2feaa0c55ad015
             */
            odds_version: string;
            /**
             * @description 公平校验的路径
             * @example /api/v1/draws/7-3/proof
             */
            proof: string;
            /**
             * Format: date-time
             * @description 发生的时刻
             * @example 2026-11-28T09:30:00+08:00
             */
            created_at: string;
        };
        /**
         * DrawnAnswer
         * @description 这次抽奖的结果，按先后排列，和抽完后的余额。
         */
        DrawnAnswer: {
            /** @description 每一次的结果，按先后排列 */
            draws: components["schemas"]["SpinAnswer"][];
            /**
             * @description 这次一共花的积分
             * @example 20
             */
            cost_points: number;
            /**
             * @description 办完之后可用的积分
             * @example 340
             */
            balance: number;
        };
        /**
         * DrawnPrizeAnswer
         * @description 抽到的奖品。
         */
        DrawnPrizeAnswer: {
            /**
             * @description 奖品编号
             * @example coffee
             */
            id: string;
            /**
             * @description 名称
             * @example 手工曲奇一份
             */
            name: string;
            /**
             * @description 奖级
             * @example 一等奖
             */
            level: string;
        };
        /**
         * DrawsBody
         * @description 抽几次。
         */
        DrawsBody: {
            /**
             * @description 抽几次：1 或 10
             * @example 1
             * @enum {integer}
             */
            count: 1 | 10;
            /**
             * @description 会员自己给的随机种子，参与计算，可以不填
             * @default
             * @example my-lucky-words
             */
            client_seed?: string;
            /**
             * @description 转盘的版本，费用、奖品、机会有任何改动它就变
             * @default null
             * @example 2-9f86d081884c7d659a2feaa0c55ad015
             */
            odds_version?: string | null;
            /**
             * @description 会员看到的这几次一共的积分价格；与现在的不同则不抽。可以不填
             * @default null
             * @example 20
             */
            price_points?: number | null;
        };
        /**
         * EntryView
         * @description 一笔积分变动。
         */
        EntryView: {
            /**
             * @description 第几笔变动，从 1 起
             * @example 12
             */
            id: number;
            /**
             * @description 可用积分的变化，花出去为负
             * @example -20
             */
            delta: number;
            /**
             * @description 这一笔之后可用的积分
             * @example 340
             */
            balance_after: number;
            /**
             * @description 这一笔的缘由代码
             * @example check_in
             */
            source: string;
            /**
             * @description 这一笔属于哪件事，同一件事只记一次
             * @example 2026-11-28
             */
            ref: string;
            /**
             * @description 这一笔的名目
             * @example 签到
             */
            title: string;
            /**
             * @description 为什么有这一笔，一句话
             * @example 签到成功，得 10 积分。
             */
            reason: string;
            /**
             * @description 这些积分不能再用的第一天；花出去的为 null
             * @example 2027-12-01
             */
            expires_on: string | null;
            /**
             * Format: date-time
             * @description 发生的时刻
             * @example 2026-11-28T09:30:00+08:00
             */
            created_at: string;
            /**
             * @description 当时生效的规则版本
             * @example 3
             */
            rule_version: number;
        };
        /**
         * ErasureAnswer
         * @description 注销的申请。
         */
        ErasureAnswer: {
            /**
             * @description 申请注销的时刻；没有申请则为 null
             * @example 2026-11-28T09:30:00+08:00
             */
            asked_at: string | null;
        };
        /**
         * ErasureBody
         * @description 要不要注销。
         */
        ErasureBody: {
            /**
             * @description true 申请注销，false 取消申请
             * @example true
             */
            wanted: boolean;
        };
        /**
         * Expiring
         * @description 一批即将到期的积分。
         */
        Expiring: {
            /**
             * @description 这一天到期的积分
             * @example 80
             */
            points: number;
            /**
             * Format: date
             * @description 不能再用的第一天；最后可用日是它的前一天
             * @example 2026-12-01
             */
            expires_on: string;
        };
        /**
         * ExtensionAnswer
         * @description 延期的结果。
         */
        ExtensionAnswer: {
            /**
             * Format: date
             * @description 原来不能再用的第一天
             * @example 2026-12-01
             */
            expires_on: string;
            /**
             * Format: date
             * @description 延期后不能再用的第一天；最后可用日是它的前一天
             * @example 2026-12-31
             */
            extended_to: string;
            /**
             * @description 延期的积分，没有减去延期的价格
             * @example 80
             */
            points: number;
            /**
             * @description 延期花的积分；不收积分则为 0
             * @example 5
             */
            price_points: number;
            /**
             * @description 办完之后可用的积分
             * @example 340
             */
            balance: number;
        };
        /**
         * ExtensionBody
         * @description 哪一天到期的积分要延期。
         */
        ExtensionBody: {
            /**
             * Format: date
             * @description 要延期的积分不能再用的第一天，照「可以延期的积分」里的写
             * @example 2026-12-01
             */
            expires_on: string;
            /**
             * @description 会员看到的延期一笔的价格；与现在的不同则不延。价格是 0 时不填
             * @default null
             * @example 5
             */
            price_points?: number | null;
        };
        /**
         * ExtensionOfDay
         * @description 同一天到期、可以延期的积分。
         */
        ExtensionOfDay: {
            /**
             * Format: date
             * @description 不延期时不能再用的第一天
             * @example 2026-12-01
             */
            expires_on: string;
            /**
             * Format: date
             * @description 延期后不能再用的第一天；最后可用日是它的前一天
             * @example 2026-12-31
             */
            extended_to: string;
            /**
             * @description 可以延期的积分
             * @example 80
             */
            points: number;
        };
        /**
         * ExtensionOffer
         * @description 现在可以延期的积分。
         */
        ExtensionOffer: {
            /** @description 可以延期的积分，先到期的在前 */
            days: components["schemas"]["ExtensionOfDay"][];
            /**
             * @description 延期一笔的价格；不收积分则为 0
             * @example 5
             */
            price_points: number;
        };
        /**
         * GoalView
         * @description 一条达标线或保级线。
         */
        GoalView: {
            /**
             * @description 这条线的中文说明
             * @example 成长值满 5,001
             */
            text: string;
            /**
             * @description 指标：growth 成长值，active_days 签到天数，spend_fen 消费（分）
             * @example growth
             */
            metric: string;
            /**
             * @description 统计时间：ever 入会以来，year 当年，quarter 当季，days_365 最近 365 天
             * @example ever
             */
            within: string;
            /**
             * @description 会员现在的数
             * @example 340
             */
            have: number;
            /**
             * @description 要达到的数
             * @example 5001
             */
            at_least: number;
            /**
             * @description 还差多少，达到了为 0
             * @example 4661
             */
            missing: number;
        };
        /**
         * InARowView
         * @description 连续完成的进度和奖励。
         */
        InARowView: {
            /**
             * @description 连续几期得到另送的积分，之后重新数
             * @example 3
             */
            periods: number;
            /**
             * @description 到现在已经连续完成几期
             * @example 2
             */
            done: number;
            /**
             * @description 连续完成 periods 期时另得的积分
             * @example 100
             */
            bonus: number;
        };
        /**
         * InviterAnswer
         * @description 邀请人，名字打码。
         */
        InviterAnswer: {
            /**
             * @description 打码的名字
             * @example 小**
             */
            name: string;
        };
        /**
         * KeptAnswer
         * @description 存了哪些信息。
         */
        KeptAnswer: {
            /** @description 每一种信息 */
            sections: components["schemas"]["KeptSection"][];
        };
        /**
         * KeptSection
         * @description 一种信息，和它做什么用。
         */
        KeptSection: {
            /**
             * @description 哪种信息
             * @example 签到
             */
            title: string;
            /**
             * @description 做什么用
             * @example 计算连续签到的天数和积分
             */
            why: string;
        };
        /**
         * LadderDay
         * @description 一轮签到里某一天的奖励。
         */
        LadderDay: {
            /**
             * @description 一轮里的第几天，从 1 起
             * @example 7
             */
            day: number;
            /**
             * @description 这一天得到的积分，已含 bonus
             * @example 60
             */
            points: number;
            /**
             * @description 其中连签奖励的积分，没有为 0
             * @example 50
             */
            bonus: number;
        };
        /**
         * LadderTierView
         * @description 一个会员等级，连同会员离它还差多少、怎样保级。
         */
        LadderTierView: {
            /**
             * @description 等级编号
             * @example silver
             */
            id: string;
            /**
             * @description 等级名称
             * @example 银卡会员
             */
            name: string;
            /**
             * @description 达到这个等级所需的累计成长值；另有达标条件的等级为 null
             * @example 1000
             */
            growth: number | null;
            /** @description 这个等级的权益 */
            benefits: string[];
            /**
             * @description 称号，没有则为 null
             * @example 咖啡鉴赏家
             */
            title: string | null;
            /**
             * @description 徽章，没有则为 null
             * @example ★
             */
            badge: string | null;
            /**
             * @description 会员现在是不是这一级
             * @example true
             */
            mine: boolean;
            /**
             * @description 怎样升到这一级，中文说明
             * @example 成长值满 5,001
             */
            reach: string;
            /**
             * @description 几条达标线算数：any 任意一条，all 每一条
             * @example all
             */
            reach_need: string;
            /** @description 升到这一级的达标线 */
            reach_lines: components["schemas"]["GoalView"][];
            /**
             * @description 评定时怎样保住这一级，中文说明；不会失去的等级为 null
             * @example 上一年成长值满 2,000
             */
            keep: string | null;
            /**
             * @description 几条保级线算数：any 任意一条，all 每一条；不会失去的等级为 null
             * @example any
             */
            keep_need: string | null;
            /** @description 保住这一级的保级线 */
            keep_lines: components["schemas"]["GoalView"][];
            /**
             * @description 自己这一级下次评定的日子；不评定或不是自己这一级时为 null
             * @example 2027-01-01
             */
            review_on: string | null;
        };
        /**
         * LoginBody
         * @description wx.login 得到的 code，微信只认一次。
         */
        LoginBody: {
            /**
             * @description wx.login 得到的 code
             * @example 0a1B2c3D4e
             */
            code: string;
        };
        /**
         * MeAnswer
         * @description 会员的概况。
         */
        MeAnswer: {
            /**
             * @description 会员编号
             * @example 10023
             */
            member_id: number;
            /**
             * @description 昵称；没有填过则为 null
             * @example 小明
             */
            nickname: string | null;
            /**
             * @description 现在可用的积分
             * @example 340
             */
            balance: number;
            /**
             * @description 已得到、还不能用的积分
             * @example 0
             */
            pending: number;
            /** @description 还不能用的积分，先到账的在前 */
            opening: components["schemas"]["Opening"][];
            /**
             * @description 欠下的积分，以后得到的积分先还它
             * @example 0
             */
            debt: number;
            /**
             * @description 成长值，花积分不会减
             * @example 340
             */
            growth: number;
            /** @description 现在的等级 */
            tier: components["schemas"]["TierView"];
            /** @description 下一个等级；已是最高等级则为 null */
            next_tier: components["schemas"]["TierView"] | null;
            /**
             * @description 离下一个等级还差的成长值；已是最高等级，或者下一级不看累计成长值时为 null
             * @example 660
             */
            points_to_next_tier: number | null;
            /** @description 即将到期的积分，早的在前 */
            expiring: components["schemas"]["Expiring"][];
            /** @description 今天的签到 */
            check_in: components["schemas"]["TodayAnswer"];
        };
        /**
         * MemberCodeAnswer
         * @description 会员码，和换下一个的时刻。
         */
        MemberCodeAnswer: {
            /**
             * @description 二十位数字，可以做成条形码或二维码
             * @example 90000001002312345678
             */
            code: string;
            /**
             * Format: date-time
             * @description 换下一个码的时刻，到时再取一次
             * @example 2026-11-28T09:30:30+08:00
             */
            expires_at: string;
        };
        /**
         * MissionRewardView
         * @description 完成一次任务得到的奖励。
         */
        MissionRewardView: {
            /**
             * @description 积分
             * @example 10
             */
            points: number;
            /**
             * @description 另得一次免费抽奖的转盘编号；没有则为 null
             * @example lucky
             */
            ticket: string | null;
        };
        /**
         * MissionView
         * @description 一个任务，和会员的进度。
         */
        MissionView: {
            /**
             * @description 任务编号
             * @example newcomer
             */
            id: string;
            /**
             * @description 任务名称
             * @example 新手任务
             */
            name: string;
            /**
             * @description 这个任务的规则，一段话
             * @example 签到 3 次，做到就得 50 积分，每人一次。
             */
            rule: string;
            /**
             * @description 周期：once 每人一次，day 每天，week 每周（周一到周日），month 每个自然月
             * @example week
             */
            period: string;
            /**
             * @description 做到其中几步就算完成
             * @example 2
             */
            need: number;
            /** @description 任务的各步 */
            steps: components["schemas"]["StepView"][];
            /**
             * @description done 这一期已经完成，open 还没有
             * @example open
             */
            state: string;
            /** @description 完成一次得到的奖励 */
            reward: components["schemas"]["MissionRewardView"];
            /** @description 连续完成的进度和奖励；没有则为 null */
            in_a_row: components["schemas"]["InARowView"] | null;
            /**
             * @description 为什么有这一笔，一句话
             * @example 签到成功，得 10 积分。
             */
            reason: string | null;
        };
        /**
         * MonthView
         * @description 一个月的签到，和一轮签到的奖励。
         */
        MonthView: {
            /**
             * Format: date
             * @description 今天是哪一天，按服务器的时钟
             * @example 2026-11-28
             */
            today: string;
            /** @description 这个月签过到的日子 */
            days: string[];
            /**
             * @description 连续签到的天数
             * @example 3
             */
            streak: number;
            /** @description 一轮签到里每天的奖励 */
            ladder: components["schemas"]["LadderDay"][];
        };
        /**
         * Nothing
         * @description 空对象 {}；也可以不带请求内容。
         */
        Nothing: Record<string, never>;
        /**
         * OfferedMessage
         * @description 一种可以订阅的消息。
         */
        OfferedMessage: {
            /**
             * @description 订阅消息模板的编号
             * @example p-OKCC1oJX2JHEIYc0Oel6N9EgtXY2TxFtL7KZ_a239
             */
            template: string;
            /**
             * @description 这种消息说的是什么
             * @example 好久没来时的提醒
             */
            about: string;
            /**
             * @description 还能发几条，以服务器的记录为准
             * @example 1
             */
            granted: number;
        };
        /**
         * OfferedMessages
         * @description 可以订阅的消息。
         */
        OfferedMessages: {
            /** @description 可以订阅的消息，每种一项 */
            messages: components["schemas"]["OfferedMessage"][];
        };
        /**
         * Opening
         * @description 同一天到账的积分。
         */
        Opening: {
            /**
             * @description 这一天到账的积分
             * @example 100
             */
            points: number;
            /**
             * Format: date
             * @description 从哪一天起可以用
             * @example 2026-12-05
             */
            opens_on: string;
        };
        /**
         * PackAnswer
         * @description 领到的加速包。
         */
        PackAnswer: {
            /**
             * @description 加速包编号
             * @example fast
             */
            pack_id: string;
            /**
             * @description 加速包的名称
             * @example 消费加速包
             */
            name: string;
            /**
             * Format: date
             * @description 从这一天起不再起作用
             * @example 2026-12-08
             */
            until: string;
            /**
             * @description 最多多得多少积分
             * @example 500
             */
            points: number;
            /**
             * @description 领取花的积分
             * @example 10
             */
            price_points: number;
            /**
             * @description 办完之后可用的积分
             * @example 340
             */
            balance: number;
        };
        /**
         * PackBody
         * @description 领哪个加速包，按什么价格。
         */
        PackBody: {
            /**
             * @description 加速包编号
             * @example fast
             */
            pack_id: string;
            /**
             * @description 会员看到的价格；与现在的不同则不领，不填就按现在的
             * @default null
             * @example 10
             */
            price_points?: number | null;
        };
        /**
         * PackInHand
         * @description 还在起作用的加速包。
         */
        PackInHand: {
            /**
             * Format: date
             * @description 从这一天起不再起作用
             * @example 2026-12-08
             */
            until: string;
            /**
             * @description 最多还能多得多少积分
             * @example 320
             */
            points_left: number;
        };
        /**
         * PackView
         * @description 一种加速包。
         */
        PackView: {
            /**
             * @description 加速包编号
             * @example fast
             */
            id: string;
            /**
             * @description 加速包的名称
             * @example 消费加速包
             */
            name: string;
            /**
             * @description 加速包的规则，一句话
             * @example 消费加速包：领取后 7 天内（当天算第 1 天），消费得 2 倍积分……
             */
            rule: string;
            /**
             * @description 领一个要的积分；0 表示免费
             * @example 10
             */
            price_points: number;
            /**
             * @description 今年还能领几个
             * @example 1
             */
            left: number;
            /** @description 手里还在起作用的 */
            working: components["schemas"]["PackInHand"][];
        };
        /**
         * DrawAnswerPage
         * @description 我的抽奖记录的一页。
         */
        DrawAnswerPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["DrawAnswer"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * EntryViewPage
         * @description 积分明细的一页。
         */
        EntryViewPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["EntryView"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * LadderTierViewPage
         * @description 会员等级的一页。
         */
        LadderTierViewPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["LadderTierView"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * MissionViewPage
         * @description 任务的一页。
         */
        MissionViewPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["MissionView"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * PackViewPage
         * @description 加速包的一页。
         */
        PackViewPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["PackView"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * PollViewPage
         * @description 投票的一页。
         */
        PollViewPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["PollView"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * RedemptionAnswerPage
         * @description 券的一页。
         */
        RedemptionAnswerPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["RedemptionAnswer"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * RewardAnswerPage
         * @description 礼品的一页。
         */
        RewardAnswerPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["RewardAnswer"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * WheelViewPage
         * @description 转盘的一页。
         */
        WheelViewPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["WheelView"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * WinnerAnswerPage
         * @description 中奖记录的一页。
         */
        WinnerAnswerPage: {
            /** @description 这一页的各项 */
            items: components["schemas"]["WinnerAnswer"][];
            /**
             * @description 下一页的 cursor；最后一页为 null
             * @example WyJlbnRyaWVzIiw4XQ
             */
            next_cursor: string | null;
        };
        /**
         * PollOptionView
         * @description 投票的一个选项。
         */
        PollOptionView: {
            /**
             * @description 选项编号
             * @example latte
             */
            id: string;
            /**
             * @description 选项
             * @example 燕麦拿铁
             */
            name: string;
            /**
             * @description 到现在为止几票
             * @example 12
             */
            votes: number;
        };
        /**
         * PollView
         * @description 一个投票，和到现在为止的结果。
         */
        PollView: {
            /**
             * @description 投票编号
             * @example taste
             */
            id: string;
            /**
             * @description 问题
             * @example 下一季想喝什么
             */
            title: string;
            /** @description 各个选项，按规则里的先后 */
            options: components["schemas"]["PollOptionView"][];
            /**
             * @description 投一票得的积分，选哪一项都一样
             * @example 5
             */
            points: number;
            /**
             * @description open 可以投，voted 已经投过，closed 已经结束
             * @example open
             */
            state: string;
            /**
             * @description 会员投的那一项的编号；没有投则为 null
             * @example latte
             */
            mine: string | null;
            /**
             * @description 结束的时刻（商家所在时区），那一刻不算在内；没有则为 null
             * @example 2026-12-31T18:00
             */
            until: string | null;
        };
        /**
         * PrizeView
         * @description 转盘上的一格。
         */
        PrizeView: {
            /**
             * @description 奖品编号
             * @example coffee
             */
            id: string;
            /**
             * @description 转盘上的位置，从 0 起
             * @example 2
             */
            slot: number;
            /**
             * @description 名称
             * @example 手工曲奇一份
             */
            name: string;
            /**
             * @description 奖级
             * @example 一等奖
             */
            level: string;
            /**
             * @description 种类：points 积分，voucher 券，none 没有奖品，repair_card 补签卡
             * @example voucher
             */
            kind: string;
            /**
             * @description 抽中的机会，百万分之几；一个转盘的各格合计 1,000,000
             * @example 50000
             */
            odds_ppm: number;
            /**
             * @description 现在的机会，百万分之几：发完的奖品为 0，它的机会归替代奖品；各格合计也是 1,000,000
             * @example 50000
             */
            odds_now_ppm: number;
            /**
             * @description 是否已发完：发完的奖品抽中改送 substitute
             * @example false
             */
            sold_out: boolean;
            /**
             * @description 还剩几份；不限量则为 null，为 0 时抽中改送 substitute
             * @example 120
             */
            stock_left: number | null;
            /**
             * @description 发完后改送的奖品编号；没有则为 null
             * @example points_20
             */
            substitute: string | null;
        };
        /**
         * ProfileAnswer
         * @description 会员自己填的资料。
         */
        ProfileAnswer: {
            /**
             * @description 昵称；没有填过则为 null
             * @example 小明
             */
            nickname: string | null;
            /**
             * @description 绑定的手机号，中间打码；没有绑定则为 null
             * @example 138****0000
             */
            phone: string | null;
            /**
             * @description 生日的月和日；没有填过则为 null
             * @example 02-29
             */
            birthday: string | null;
            /**
             * @description 改过的生日从哪一天起算数；已经算数则为 null
             * @example 2027-11-28
             */
            birthday_from: string | null;
            /**
             * @description 有没有把自己等级的称号展示给别人看
             * @example true
             */
            show_title: boolean;
            /**
             * @description 要不要到期提醒和账户变动的通知
             * @example true
             */
            wants_notices: boolean;
        };
        /**
         * ProfileBody
         * @description 会员的资料；没有给出的项不变。
         */
        ProfileBody: {
            /**
             * @description 新的昵称
             * @example 小明
             */
            nickname?: string;
            /**
             * @description getPhoneNumber 得到的 code，五分钟内有效，只能用一次
             * @example e31968a7f94cc5ee25fafc2aef2773f0bb8c3937b22520eb8ee345274d00c144
             */
            phone_code?: string;
            /**
             * @description 生日的月和日；第一次填写马上算数，改了以后 365 天才算数
             * @example 02-29
             */
            birthday?: string;
            /**
             * @description 是否把自己等级的称号展示给别人看；不写就不变
             * @example true
             */
            show_title?: boolean;
            /**
             * @description 要不要到期提醒和账户变动的通知；不写就不变
             * @example true
             */
            wants_notices?: boolean;
        };
        /**
         * ProofView
         * @description 一次抽奖的全部依据，谁都可以重算。
         */
        ProofView: {
            /**
             * @description 编号，在同类里不重复
             * @example 12-0
             */
            id: string;
            /**
             * @description 转盘编号
             * @example lucky
             */
            wheel: string;
            /**
             * @description 会员编号
             * @example 10023
             */
            member_id: number;
            /**
             * @description 第几轮；还没有开始则为 null
             * @example 7
             */
            round_id: number;
            /**
             * @description 这一轮里会员的第几次抽奖，从 1 起
             * @example 3
             */
            nonce: number;
            /**
             * @description 会员自己给的随机种子，参与计算，可以不填
             * @example my-lucky-words
             */
            client_seed: string;
            /**
             * @description 这一轮种子的 SHA-256（十六进制），先公布后抽奖；这一轮还没有开始时为 null
             * @example 9f86d081884c7d65
             */
            commitment: string;
            /**
             * @description 这一轮的种子（十六进制）；这一轮还没有结束则为 null
             * @example 5e884898da280471
             */
            server_seed: string | null;
            /**
             * @description 种子公布的时刻；这一轮还没有结束则为 null
             * @example 2026-11-29T00:00:00+08:00
             */
            revealed_at: string | null;
            /**
             * @description 由种子算出的随机数，0 到 999,999
             * @example 123456
             */
            roll: number;
            /**
             * @description 随机数落在哪个奖品上
             * @example coffee
             */
            candidate: string;
            /**
             * @description 实际给出的奖品：抽中的那个，发完了则是它的替代品
             * @example coffee
             */
            prize: string;
            /**
             * @description 转盘上的位置，从 0 起
             * @example 2
             */
            slot: number;
            /**
             * @description 转盘的版本，费用、奖品、机会有任何改动它就变
             * @example 2-9f86d081884c7d659a2feaa0c55ad015
             */
            odds_version: string;
            /**
             * @description odds_version 所概括的全文：费用、各格的奖品、机会和库存等，原样
             * @example {"cost_points":20}
             */
            covered: string;
            /**
             * @description 当时生效的规则版本
             * @example 3
             */
            rule_version: number;
            /** @description 抽奖时公布的概率表 */
            table: components["schemas"]["TableRow"][];
            /**
             * @description 怎样由种子算出结果
             * @example HMAC-SHA256
             */
            method: string;
            /**
             * Format: date-time
             * @description 抽奖的时刻
             * @example 2026-11-28T09:30:00+08:00
             */
            drawn_at: string;
        };
        /**
         * RedeemBody
         * @description 兑换哪件礼品，兑几份。
         */
        RedeemBody: {
            /**
             * @description 礼品编号
             * @example cookie
             */
            reward_id: string;
            /**
             * @description 份数
             * @example 1
             */
            quantity: number;
            /**
             * @description 会员看到的一份的积分价格；与现在的不同则不兑换。可以不填
             * @default null
             * @example 60
             */
            price_points?: number | null;
            /**
             * @description 会员看到的一份的现金价格，单位是分；与现在的不同则不兑换。可以不填
             * @default null
             * @example 0
             */
            price_fen?: number | null;
        };
        /**
         * RedeemedAnswer
         * @description 兑换得到的券。
         */
        RedeemedAnswer: {
            /**
             * @description 编号，在同类里不重复
             * @example 12-0
             */
            id: string;
            /**
             * @description 券的状态
             * @example issued
             */
            state: string;
            /**
             * @description 名称
             * @example 手工曲奇一份
             */
            name: string;
            /**
             * @description 份数
             * @example 1
             */
            quantity: number;
            /**
             * @description 花掉的积分
             * @example 60
             */
            points: number;
            /**
             * @description 固定的券码，谁拿到都能用，到店请出示动态券码；没有则为 null
             * @example 7KQ2M9XP4TWH
             */
            voucher: string | null;
            /** @description 支付参数；现在只用积分兑换，总是 null */
            payment: null;
            /**
             * Format: date
             * @description 不能再用的第一天；最后可用日是它的前一天
             * @example 2026-12-01
             */
            expires_on: string;
            /**
             * @description 最迟什么时候可以取消兑换；不能取消则为 null
             * @example 2026-11-29T09:30:00+08:00
             */
            cancellable_until: string | null;
            /**
             * @description 办完之后可用的积分
             * @example 340
             */
            balance: number;
        };
        /**
         * RedemptionAnswer
         * @description 我的一张券。
         */
        RedemptionAnswer: {
            /**
             * @description 编号，在同类里不重复
             * @example 12-0
             */
            id: string;
            /**
             * @description 券的来历：redeem 兑换，draw 抽奖，unlock 连续签到
             * @example redeem
             */
            source: string;
            /**
             * @description 名称
             * @example 手工曲奇一份
             */
            name: string;
            /**
             * @description 份数
             * @example 1
             */
            quantity: number;
            /**
             * @description 花掉的积分；抽中的券为 0
             * @example 60
             */
            points: number;
            /**
             * @description 券的状态
             * @example issued
             */
            state: string;
            /**
             * @description 固定的券码，谁拿到都能用，到店请出示动态券码；没有则为 null
             * @example 7KQ2M9XP4TWH
             */
            voucher: string | null;
            /**
             * @description 使用说明
             * @example 到店出示券码，每单限用一张。
             */
            terms: string;
            /**
             * Format: date
             * @description 不能再用的第一天；最后可用日是它的前一天
             * @example 2026-12-01
             */
            expires_on: string;
            /**
             * Format: date-time
             * @description 发生的时刻
             * @example 2026-11-28T09:30:00+08:00
             */
            created_at: string;
            /**
             * @description 现在能不能取消兑换
             * @example true
             */
            cancellable: boolean;
            /**
             * @description 最迟什么时候可以取消兑换；不能取消则为 null
             * @example 2026-11-29T09:30:00+08:00
             */
            cancellable_until: string | null;
        };
        /**
         * ReferralStepView
         * @description 邀请奖励的一级。
         */
        ReferralStepView: {
            /**
             * @description 邀满几人
             * @example 3
             */
            qualified: number;
            /**
             * @description 邀满这么多人时另得的积分
             * @example 100
             */
            bonus: number;
            /**
             * @description 这一级是否已经达到
             * @example true
             */
            reached: boolean;
        };
        /**
         * ReferralView
         * @description 我的邀请。
         */
        ReferralView: {
            /**
             * @description 邀请码
             * @example k7m2p9
             */
            code: string;
            /**
             * @description 两种邀请码图片里的 scene，最多 32 个字符
             * @example inv_k7m2p9
             */
            scene: string;
            /**
             * @description 邀请来的好友总数
             * @example 5
             */
            invited: number;
            /**
             * @description 其中已完成首次签到的好友数
             * @example 3
             */
            qualified: number;
            /**
             * @description 邀请好友一共得到的积分
             * @example 150
             */
            earned_points: number;
            /**
             * @description 邀请有没有奖励
             * @example true
             */
            enabled: boolean;
            /** @description 邀请奖励的各级 */
            ladder: components["schemas"]["ReferralStepView"][];
        };
        /**
         * RepairAnswer
         * @description 补签的结果。
         */
        RepairAnswer: {
            /**
             * Format: date
             * @description 日期（按商家所在时区）
             * @example 2026-11-28
             */
            day: string;
            /**
             * @description 连续签到的天数
             * @example 3
             */
            streak: number;
            /**
             * @description 积分
             * @example 10
             */
            points: number;
            /**
             * @description 补签花的积分；用补签卡则为 0
             * @example 0
             */
            price_points: number;
            /**
             * @description 补签后还剩几张补签卡
             * @example 0
             */
            cards_left: number;
            /**
             * @description 办完之后可用的积分
             * @example 340
             */
            balance: number;
        };
        /**
         * RepairBody
         * @description 补签哪一天。
         */
        RepairBody: {
            /**
             * Format: date
             * @description 日期（按商家所在时区）
             * @example 2026-11-28
             */
            day: string;
            /**
             * @description 会员看到的价格；与现在的不同则不补。用补签卡时不填
             * @default null
             * @example 30
             */
            price_points?: number | null;
        };
        /**
         * RepairDay
         * @description 可以补签的一天。
         */
        RepairDay: {
            /**
             * Format: date
             * @description 日期（按商家所在时区）
             * @example 2026-11-28
             */
            day: string;
            /**
             * @description 积分
             * @example 10
             */
            points: number;
            /**
             * @description 连续签到的天数
             * @example 3
             */
            streak: number;
        };
        /**
         * RepairOffer
         * @description 可以补签的日子，从早到晚；照这个顺序补，得的积分最多。
         */
        RepairOffer: {
            /** @description 可以补签的日子，从早到晚 */
            days: components["schemas"]["RepairDay"][];
            /**
             * @description 手里的补签卡张数
             * @example 1
             */
            cards: number;
            /**
             * @description 补签一次的价格；有补签卡则为 0，只能用卡而没有卡则为 null
             * @example 30
             */
            price_points: number | null;
            /**
             * @description 这个月还能补签几次
             * @example 2
             */
            repairs_left: number;
            /**
             * @description 每月最多补签几次
             * @example 2
             */
            per_month: number;
        };
        /**
         * RewardAnswer
         * @description 一件礼品在这位会员眼中的样子。
         */
        RewardAnswer: {
            /**
             * @description 礼品编号
             * @example cookie
             */
            id: string;
            /**
             * @description 名称
             * @example 手工曲奇一份
             */
            name: string;
            /**
             * @description 礼品的种类，现在都是 voucher
             * @example voucher
             */
            kind: string;
            /**
             * @description 这位会员兑换一份的积分价格；过渡期里老积分按原价
             * @example 60
             */
            price_points: number;
            /**
             * @description 过渡期里新积分兑换一份的价格；这位会员没有老积分价则为 null
             * @example 80
             */
            new_price_points: number | null;
            /**
             * @description 老积分价到哪一天为止，从那天起按 new_price_points；没有老积分价则为 null
             * @example 2027-02-01
             */
            old_price_until: string | null;
            /**
             * @description 要付的钱，单位是分；现在总是 0
             * @example 0
             */
            price_fen: number;
            /**
             * @description 还剩几份；不限量则为 null
             * @example 120
             */
            stock_left: number | null;
            /**
             * @description 会员现在能不能兑换
             * @example true
             */
            eligible: boolean;
            /**
             * @description 现在不能兑换的原因；能兑换则为 null
             * @example 还差 40 分
             */
            reason: string | null;
            /**
             * @description 使用说明
             * @example 到店出示券码，每单限用一张。
             */
            terms: string;
            /**
             * @description 兑换后几小时内可以取消；0 表示不能取消
             * @example 24
             */
            cancel_hours: number;
            /**
             * @description 礼品的图片网址，正方形，/pictures/ 开头的在本服务器上；没有则为 null
             * @example https://cdn.example.com/latte.png
             */
            picture: string | null;
        };
        /**
         * RuleText
         * @description 规则的一个主题。
         */
        RuleText: {
            /**
             * @description 主题的代码，稳定不变
             * @example check_in
             */
            topic: string;
            /**
             * @description 标题
             * @example 签到
             */
            title: string;
            /** @description 这个主题的各句 */
            sentences: string[];
        };
        /**
         * RulesAnswer
         * @description 现在生效的规则。
         */
        RulesAnswer: {
            /**
             * @description 规则的版本号
             * @example 3
             */
            version: number;
            /**
             * @description 会员计划的名称
             * @example 拾光积分
             */
            name: string;
            /**
             * @description 品牌名称
             * @example 拾光咖啡
             */
            brand: string;
            /** @description 品牌在小程序里的外观 */
            theme: components["schemas"]["ThemeView"];
            /** @description 全部规则，按阅读顺序，每个主题先是标题 */
            texts: string[];
            /** @description 同样的规则，按主题分开 */
            topics: components["schemas"]["RuleText"][];
            /**
             * @description 新会员得到的积分
             * @example 50
             */
            welcome_points: number;
            /**
             * @description 积分的有效月数；null 表示不按月数到期，见 expiry_text
             * @example 12
             */
            expiry_months: number | null;
            /**
             * @description 积分怎么到期，一句话
             * @example 12 个月有效，到期当月月底清零
             */
            expiry_text: string;
            /** @description 签到的奖励，一轮里每天一项 */
            check_in: components["schemas"]["LadderDay"][];
            /**
             * @description 概率公示的网页：公布的概率和实际中奖的次数，也在那里核对一次抽奖，不用登录；没有抽奖或没有设置服务器地址时为 null
             * @example https://jifen.example/fair
             */
            odds_url: string | null;
        };
        /**
         * SessionAnswer
         * @description 登录得到的令牌，和这位会员。
         */
        SessionAnswer: {
            /**
             * @description 放进 Authorization: Bearer 的令牌
             * @example q3Zk0m1t7yXw2sVd8aBn4rLpQe6uHi9oJc5fGzTxKW0
             */
            token: string;
            /**
             * Format: date-time
             * @description 令牌失效的时刻
             * @example 2026-12-28T09:30:00+08:00
             */
            expires_at: string;
            /** @description 登录的会员 */
            member: components["schemas"]["MeAnswer"];
        };
        /**
         * SpinAnswer
         * @description 抽奖的一次结果。
         */
        SpinAnswer: {
            /**
             * @description 编号，在同类里不重复
             * @example 12-0
             */
            id: string;
            /**
             * @description 这一轮里会员的第几次抽奖，从 1 起
             * @example 3
             */
            nonce: number;
            /** @description 奖品 */
            prize: components["schemas"]["WonAnswer"];
            /**
             * @description 转盘上的位置，从 0 起
             * @example 2
             */
            slot: number;
            /**
             * @description 公平校验的路径
             * @example /api/v1/draws/7-3/proof
             */
            proof: string;
        };
        /**
         * StandingAnswer
         * @description 账户是否被冻结，以及申诉。
         */
        StandingAnswer: {
            /**
             * @description 账户有没有被冻结
             * @example true
             */
            frozen: boolean;
            /**
             * @description 是不是暂停花积分、等人核对；得积分照常
             * @example true
             */
            spending_frozen: boolean;
            /**
             * @description 为什么冻结；没有冻结或没有写明则为 null
             * @example 同一张小票报了三次，等核对
             */
            reason: string | null;
            /** @description 最近一次申诉；没有则为 null */
            appeal: components["schemas"]["AppealView"] | null;
        };
        /**
         * StepView
         * @description 任务的一步。
         */
        StepView: {
            /**
             * @description 这一步数的是什么：check_in、draw、redeem，或 event: 加事件编号
             * @example check_in
             */
            id: string;
            /**
             * @description 这一步的名称
             * @example 签到
             */
            name: string;
            /**
             * @description 已经做了几次，最多算到 of
             * @example 1
             */
            done: number;
            /**
             * @description 这一步要做几次
             * @example 3
             */
            of: number;
        };
        /**
         * SubscriptionAnswer
         * @description 这个模板还能发几条订阅消息。
         */
        SubscriptionAnswer: {
            /**
             * @description 订阅消息模板的编号
             * @example p-OKCC1oJX2JHEIYc0Oel6N9EgtXY2TxFtL7KZ_a239
             */
            template: string;
            /**
             * @description 还能发几条，以服务器的记录为准
             * @example 1
             */
            granted: number;
        };
        /**
         * SubscriptionBody
         * @description 会员对一个订阅消息模板的选择。
         */
        SubscriptionBody: {
            /**
             * @description 订阅消息模板的编号
             * @example p-OKCC1oJX2JHEIYc0Oel6N9EgtXY2TxFtL7KZ_a239
             */
            template: string;
            /**
             * @description 会员是否允许发一条这样的消息
             * @example true
             */
            accepted: boolean;
        };
        /**
         * SuggestionAnswer
         * @description 建议带来的积分。
         */
        SuggestionAnswer: {
            /**
             * @description 得到的积分，规则没有给就是 0
             * @example 5
             */
            points: number;
            /**
             * @description 其中过几天才能用的积分
             * @example 0
             */
            pending: number;
            /**
             * @description 办完之后可用的积分
             * @example 340
             */
            balance: number;
        };
        /**
         * SuggestionBody
         * @description 要对商家说的话。
         */
        SuggestionBody: {
            /**
             * @description 建议的内容，1 到 500 个字，成一行保存
             * @example 早上早点开门
             */
            text: string;
        };
        /**
         * SuggestionsAnswer
         * @description 能不能提建议。
         */
        SuggestionsAnswer: {
            /**
             * @description 能不能提建议
             * @example true
             */
            open: boolean;
        };
        /**
         * TableRow
         * @description 抽奖时公布的概率表里的一格。
         */
        TableRow: {
            /**
             * @description 转盘上的位置，从 0 起
             * @example 2
             */
            slot: number;
            /**
             * @description 这一格的奖品编号
             * @example coffee
             */
            prize: string;
            /**
             * @description 名称
             * @example 手工曲奇一份
             */
            name: string;
            /**
             * @description 抽中的机会，百万分之几；一个转盘的各格合计 1,000,000
             * @example 50000
             */
            odds_ppm: number;
            /**
             * @description 发完后改送的奖品编号；没有则为 null
             * @example points_20
             */
            substitute: string | null;
        };
        /**
         * ThemeView
         * @description 品牌在小程序里的外观。
         */
        ThemeView: {
            /**
             * @description 品牌色
             * @example #6f4a32
             */
            color: string;
            /**
             * @description 点缀色
             * @example #f2c46d
             */
            accent: string;
            /**
             * @description 卡片的圆角，像素
             * @example 16
             */
            radius: number;
            /**
             * @description 品牌标志的图片网址，/pictures/ 开头的在本服务器上；没有则为 null
             * @example https://cdn.example.com/logo.png
             */
            logo: string | null;
            /** @description 首页轮播的图片网址，/pictures/ 开头的在本服务器上 */
            pictures: string[];
        };
        /**
         * TierView
         * @description 一个会员等级。
         */
        TierView: {
            /**
             * @description 等级编号
             * @example silver
             */
            id: string;
            /**
             * @description 等级名称
             * @example 银卡会员
             */
            name: string;
            /**
             * @description 达到这个等级所需的累计成长值；另有达标条件的等级为 null
             * @example 1000
             */
            growth: number | null;
            /** @description 这个等级的权益 */
            benefits: string[];
            /**
             * @description 称号，没有则为 null
             * @example 咖啡鉴赏家
             */
            title: string | null;
            /**
             * @description 徽章，没有则为 null
             * @example ★
             */
            badge: string | null;
        };
        /**
         * TodayAnswer
         * @description 今天的签到。
         */
        TodayAnswer: {
            /**
             * @description 今天签到了没有
             * @example true
             */
            today: boolean;
            /**
             * @description 连续签到的天数
             * @example 3
             */
            streak: number;
        };
        /**
         * VoteBody
         * @description 选哪一项。
         */
        VoteBody: {
            /**
             * @description 选项编号
             * @example latte
             */
            option: string;
        };
        /**
         * VotedAnswer
         * @description 算数的那一票，和得到的积分。
         */
        VotedAnswer: {
            /**
             * @description 投票编号
             * @example taste
             */
            poll: string;
            /**
             * @description 选项编号
             * @example latte
             */
            option: string;
            /**
             * @description 积分
             * @example 10
             */
            points: number;
            /**
             * @description 办完之后可用的积分
             * @example 340
             */
            balance: number;
        };
        /**
         * VoucherCodeAnswer
         * @description 动态券码，和换下一个的时刻。
         */
        VoucherCodeAnswer: {
            /**
             * @description 一串数字，30 秒一换，可以做成二维码
             * @example 8510023001284719305
             */
            code: string;
            /**
             * Format: date-time
             * @description 换下一个码的时刻，到时再取一次
             * @example 2026-11-28T09:30:30+08:00
             */
            expires_at: string;
        };
        /**
         * WheelView
         * @description 一个转盘。
         */
        WheelView: {
            /**
             * @description 转盘编号
             * @example lucky
             */
            id: string;
            /**
             * @description 转盘名称
             * @example 幸运大转盘
             */
            name: string;
            /**
             * @description 抽一次花的积分
             * @example 20
             */
            cost_points: number;
            /**
             * @description 今天还能免费抽几次
             * @example 1
             */
            free_left: number;
            /**
             * @description 今天还能抽几次
             * @example 18
             */
            draws_left: number;
            /**
             * @description 转盘的版本，费用、奖品、机会有任何改动它就变
             * @example 2-9f86d081884c7d659a2feaa0c55ad015
             */
            odds_version: string;
            /**
             * @description odds_version 所概括的全文：费用、各格的奖品、机会和库存等，原样
             * @example {"cost_points":20}
             */
            covered: string;
            /**
             * @description 第几轮；还没有开始则为 null
             * @example 7
             */
            round_id: number | null;
            /**
             * @description 这一轮种子的 SHA-256（十六进制），先公布后抽奖；这一轮还没有开始时为 null
             * @example 9f86d081884c7d65
             */
            commitment: string | null;
            /**
             * @description 这一轮结束、种子公开的时刻；没有开着的轮次时为 null
             * @example 2026-11-29T00:00:00+08:00
             */
            round_ends_at: string | null;
            /** @description 各格的奖品，按位置排列 */
            prizes: components["schemas"]["PrizeView"][];
            /**
             * @description 这个转盘的规则，一段话
             * @example 每次 20 积分，每天最多 20 次。
             */
            rule: string;
        };
        /**
         * WinnerAnswer
         * @description 一条中奖记录，名字打码。
         */
        WinnerAnswer: {
            /**
             * @description 打码的名字
             * @example 小**
             */
            name: string;
            /**
             * @description 中奖人愿意展示的称号，不展示或没有则为 null
             * @example 咖啡鉴赏家 ★
             */
            title: string | null;
            /** @description 奖品 */
            prize: components["schemas"]["WinnerPrizeAnswer"];
            /**
             * Format: date-time
             * @description 抽中的时刻
             * @example 2026-11-28T09:30:00+08:00
             */
            won_at: string;
        };
        /**
         * WinnerPrizeAnswer
         * @description 抽中的奖品。
         */
        WinnerPrizeAnswer: {
            /**
             * @description 名称
             * @example 手工曲奇一份
             */
            name: string;
            /**
             * @description 奖级
             * @example 一等奖
             */
            level: string;
        };
        /**
         * WonAnswer
         * @description 抽到的奖品。
         */
        WonAnswer: {
            /**
             * @description 奖品编号
             * @example coffee
             */
            id: string;
            /**
             * @description 名称
             * @example 手工曲奇一份
             */
            name: string;
            /**
             * @description 奖级
             * @example 一等奖
             */
            level: string;
            /**
             * @description 种类：points 积分，voucher 券，none 没有奖品，repair_card 补签卡
             * @example voucher
             */
            kind: string;
            /**
             * @description 抽到的积分，奖品不是积分时为 0
             * @example 20
             */
            points: number;
            /**
             * @description 固定的券码，谁拿到都能用，到店请出示动态券码；没有则为 null
             * @example 7KQ2M9XP4TWH
             */
            voucher: string | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    log_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginBody"];
            };
        };
        responses: {
            /** @description 登录 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionAnswer"];
                };
            };
        };
    };
    show_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 我的积分 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeAnswer"];
                };
            };
        };
    };
    show_profile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 我的资料 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileAnswer"];
                };
            };
        };
    };
    change_profile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileBody"];
            };
        };
        responses: {
            /** @description 修改资料 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MeAnswer"];
                };
            };
        };
    };
    show_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 会员码 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberCodeAnswer"];
                };
            };
        };
    };
    list_entries: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
                /** @description in 只要进账，out 只要出账；不写就都要 */
                direction?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 积分明细 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryViewPage"];
                };
            };
        };
    };
    show_month: {
        parameters: {
            query?: {
                /** @description YYYY-MM，默认本月 */
                month?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 签到日历 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MonthView"];
                };
            };
        };
    };
    check_in: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description 签到 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckInAnswer"];
                };
            };
        };
    };
    show_offer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 可以补签的日子 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepairOffer"];
                };
            };
        };
    };
    repair: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RepairBody"];
            };
        };
        responses: {
            /** @description 补签 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RepairAnswer"];
                };
            };
        };
    };
    show_extensions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 可以延期的积分 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExtensionOffer"];
                };
            };
        };
    };
    extend_points: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExtensionBody"];
            };
        };
        responses: {
            /** @description 积分延期 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExtensionAnswer"];
                };
            };
        };
    };
    list_wheels: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 抽奖列表 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WheelViewPage"];
                };
            };
        };
    };
    show_wheel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 转盘编号
                 * @example lucky
                 */
                wheel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 一个抽奖 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WheelView"];
                };
            };
        };
    };
    create_draws: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path: {
                /**
                 * @description 转盘编号
                 * @example lucky
                 */
                wheel: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DrawsBody"];
            };
        };
        responses: {
            /** @description 抽奖 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DrawnAnswer"];
                };
            };
        };
    };
    list_winners: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
            };
            header?: never;
            path: {
                /**
                 * @description 转盘编号
                 * @example lucky
                 */
                wheel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 中奖名单 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WinnerAnswerPage"];
                };
            };
        };
    };
    list_draws: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 我的抽奖记录 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DrawAnswerPage"];
                };
            };
        };
    };
    show_proof: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 抽奖记录的编号
                 * @example 7-3
                 */
                draw: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 公平校验 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProofView"];
                };
            };
        };
    };
    list_rewards: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 积分商城 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RewardAnswerPage"];
                };
            };
        };
    };
    show_reward: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 礼品编号
                 * @example cookie
                 */
                reward: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 一件礼品 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RewardAnswer"];
                };
            };
        };
    };
    list_redemptions: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 我的券 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedemptionAnswerPage"];
                };
            };
        };
    };
    create_redemption: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RedeemBody"];
            };
        };
        responses: {
            /** @description 兑换 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedeemedAnswer"];
                };
            };
        };
    };
    show_redemption: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 券的编号
                 * @example 12-0
                 */
                redemption: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 一张券 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedemptionAnswer"];
                };
            };
        };
    };
    show_redemption_code: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 券的编号
                 * @example 12-0
                 */
                redemption: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 动态券码 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VoucherCodeAnswer"];
                };
            };
        };
    };
    cancel_redemption: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path: {
                /**
                 * @description 券的编号
                 * @example 12-0
                 */
                redemption: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description 取消兑换 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelledAnswer"];
                };
            };
        };
    };
    list_missions: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 任务列表 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MissionViewPage"];
                };
            };
        };
    };
    list_polls: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 投票列表 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PollViewPage"];
                };
            };
        };
    };
    create_vote: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path: {
                /**
                 * @description 投票编号
                 * @example taste
                 */
                poll: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VoteBody"];
            };
        };
        responses: {
            /** @description 投票 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VotedAnswer"];
                };
            };
        };
    };
    show_referral: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 我的邀请 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReferralView"];
                };
            };
        };
    };
    show_qrcode: {
        parameters: {
            query?: {
                /** @description oa（公众号，默认）或 miniapp（小程序） */
                kind?: "oa" | "miniapp";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 邀请二维码 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                };
            };
        };
    };
    show_poster: {
        parameters: {
            query?: {
                /** @description oa（公众号，默认）或 miniapp（小程序） */
                kind?: "oa" | "miniapp";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 邀请海报 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                };
            };
        };
    };
    bind_referral: {
        parameters: {
            query?: never;
            header?: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BindBody"];
            };
        };
        responses: {
            /** @description 填写邀请人 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BoundAnswer"];
                };
            };
        };
    };
    list_packs: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 加速包 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackViewPage"];
                };
            };
        };
    };
    take_pack: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PackBody"];
            };
        };
        responses: {
            /** @description 领取加速包 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackAnswer"];
                };
            };
        };
    };
    show_suggestions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 能不能提建议 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuggestionsAnswer"];
                };
            };
        };
    };
    create_suggestion: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuggestionBody"];
            };
        };
        responses: {
            /** @description 提建议 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuggestionAnswer"];
                };
            };
        };
    };
    show_appeal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 账户是否冻结，以及申诉 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandingAnswer"];
                };
            };
        };
    };
    create_appeal: {
        parameters: {
            query?: never;
            header: {
                /** @description 同一个键只办一次；重复请求得到第一次的回答。 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AppealBody"];
            };
        };
        responses: {
            /** @description 申诉 */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandingAnswer"];
                };
            };
        };
    };
    show_erasure: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 有没有申请注销 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureAnswer"];
                };
            };
        };
    };
    ask_for_erasure: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ErasureBody"];
            };
        };
        responses: {
            /** @description 申请注销，或者取消申请 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureAnswer"];
                };
            };
        };
    };
    copy_data: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 导出我的个人信息 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DataAnswer"];
                };
            };
        };
    };
    show_kept: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 存了我的哪些信息，做什么用 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptAnswer"];
                };
            };
        };
    };
    list_tiers: {
        parameters: {
            query?: {
                /** @description 上一页回答里的 next_cursor */
                cursor?: string;
                /** @description 每页条数，1 到 100，默认 20 */
                limit?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 会员等级 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LadderTierViewPage"];
                };
            };
        };
    };
    show_rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 活动规则 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulesAnswer"];
                };
            };
        };
    };
    show_subscriptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description 可以订阅的消息 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferedMessages"];
                };
            };
        };
    };
    record_subscription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubscriptionBody"];
            };
        };
        responses: {
            /** @description 订阅消息的选择 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionAnswer"];
                };
            };
        };
    };
}
